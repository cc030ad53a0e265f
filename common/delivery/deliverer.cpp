#include "common/delivery/deliverer.hpp"

#include "common/delivery/metric_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace weir::delivery {

namespace {

constexpr Milliseconds kBetweenMeasurements{250};

std::vector<const Job*> jobs_of(const Batch& batch) {
  std::vector<const Job*> jobs;
  for (const Waiting& each : batch.jobs) jobs.push_back(&each.job);
  return jobs;
}

Executor& or_else(Executor* asked, Executor& other) { return asked != nullptr ? *asked : other; }

constexpr std::size_t kMostChannels = 64;  // each has a bit that says whether it was rung

Result<void> check(const Parts& parts, const Limits& limits) {
  if (limits.channels.size() > kMostChannels) return fail(FaultKind::kConfiguration, "there are more than 64 channels");
  for (const Channel& channel : limits.channels) {
    if (channel.providers.empty() || channel.most_in_hand == 0 || channel.most_in_a_claim == 0)
      return fail(FaultKind::kConfiguration, fmt::format("the channel {} has no provider, or room for no job", channel.name));
    for (const std::string& name : channel.providers) {
      const auto provider = parts.providers.find(name);
      if (provider == parts.providers.end())
        return fail(FaultKind::kConfiguration, fmt::format("the channel {} names the provider {}, which is not there", channel.name, name));
      const Terms& terms = provider->second->terms();
      if (terms.timeout >= limits.lease) {
        return fail(FaultKind::kConfiguration,
                    fmt::format("a call by {} may take {}, and a claim is leased for {}", name, format_duration(terms.timeout),
                                format_duration(limits.lease)),
                    "lease claims for longer than any call may take");
      }
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Deliverer>> Deliverer::make(Parts parts, Limits limits) {
  WEIR_TRY(check(parts, limits));
  return std::unique_ptr<Deliverer>(new Deliverer(std::move(parts), std::move(limits)));
}

Deliverer::Deliverer(Parts parts, Limits limits)
    : parts_(std::move(parts)),
      limits_(std::move(limits)),
      account_metrics_(parts_.metrics, limits_.named_accounts),
      claims_(or_else(parts_.executors.claims, here_)),
      reports_(or_else(parts_.executors.reports, here_)),
      random_(limits_.seed) {
  for (const Channel& channel : limits_.channels) {
    ChannelState state{.channel = channel, .room_of_an_account = channel.most_in_hand};
    for (const std::string& name : channel.providers) {
      const Terms& terms = parts_.providers.at(name)->terms();
      state.room_of_an_account = std::min(state.room_of_an_account, terms.calls_of_an_account * terms.jobs_in_a_call);
    }
    channels_.push_back(std::move(state));
  }
}

Deliverer::~Deliverer() {
  claims_.finish();
  reports_.finish();
}

Result<void> Deliverer::turn(Milliseconds most) {
  for (http::Ended& each : parts_.caller.wait(patience(most))) {
    auto flight = flights_.extract(each.id);
    WEIR_ASSERT(!flight.empty());
    judge(std::move(flight.mapped()), each.ending);
  }
  WEIR_TRY(end_claim());
  const SteadyInstant now = parts_.clock.steady();
  for (auto& [name, account] : accounts_) {
    account.give_up(now, endings_);
    if (is_draining_) account.give_up_all(now, "the process stops", endings_);
  }
  hear(now);
  WEIR_TRY(report());
  start();  // first, so that the claim knows how much room is left
  WEIR_TRY(claim());
  start();
  look_around(parts_.clock.steady());
  return {};
}

void Deliverer::ring() {
  rung_ = kAllChannels;
  parts_.caller.ring();
}

void Deliverer::ring(std::string_view channel) {
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    if (channels_[i].channel.name != channel) continue;
    rung_ |= std::uint64_t{1} << i;
    parts_.caller.ring();
  }
}

void Deliverer::drain() { is_draining_ = true; }

std::size_t Deliverer::in_hand() const {
  std::size_t count = 0;
  for (const ChannelState& channel : channels_) count += channel.in_hand;
  return count;
}

Milliseconds Deliverer::patience(Milliseconds most) const {
  const SteadyInstant now = parts_.clock.steady();
  SteadyInstant next = now + most;
  const bool asks_queue = now >= queue_retry_at_;
  if (!asks_queue) next = std::min(next, queue_retry_at_);
  if (asks_queue) next = std::min(next, reports_at(now).value_or(next));
  if (rung_ != 0) next = now;
  for (const ChannelState& channel : channels_) {
    if (asks_queue) next = std::min(next, claims_at(channel).value_or(next));
  }
  for (const auto& [name, account] : accounts_) next = std::min(next, account.next_change(now).value_or(next));
  return std::chrono::ceil<Milliseconds>(std::max(next - now, SteadyInstant::duration{0}));
}

void Deliverer::hear(SteadyInstant now) {
  const std::uint64_t rung = rung_.exchange(0);
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    if ((rung >> i & 1) == 0) continue;
    channels_[i].ask_at = std::min(channels_[i].ask_at, now);
    channels_[i].not_before = now;
  }
}

std::optional<SteadyInstant> Deliverer::claims_at(const ChannelState& channel) const {
  if (is_draining_ || claiming_ || has_report_in_trouble() || channel.in_hand >= channel.channel.most_in_hand) return std::nullopt;
  return flights_.empty() ? channel.ask_at : std::max(channel.ask_at, channel.not_before);
}

void Deliverer::judge(Flight flight, const http::Ending& ending) {
  const SteadyInstant now = parts_.clock.steady();
  Judgement judgement;
  judgement.verdicts = flight.provider->judge(jobs_of(flight.batch), ending, parts_.clock.now());
  if (const auto* answer = std::get_if<http::Answer>(&ending)) judgement.status = answer->status;
  judgement.took = std::chrono::duration_cast<Microseconds>(now - flight.began);
  judgement.drawn = random_();
  account_metrics_.ended(flight.account, judgement);
  Account& account = accounts_.at(flight.account);
  const auto rested = account.rests_until(now);
  const std::string reason = pause_reason(judgement.verdicts);
  const std::size_t index = flight.batch.jobs.front().channel;
  account.ended(std::move(flight.batch), std::move(judgement), now, endings_);
  // There will be room for more jobs, when others have ended.
  ChannelState& channel = channels_[index];
  const bool may_have_more = !channel.has_left_none || (claiming_ && claiming_->channel == index);
  if (may_have_more && account.room(now) > 0) channel.ask_at = std::min(channel.ask_at, now + limits_.gather);
  const auto rests = account.rests_until(now);
  if (!rested && rests) {
    parts_.log.warning("account_rests", {{"account", flight.account},
                                         {"for_ms", std::chrono::ceil<Milliseconds>(*rests - now).count()},
                                         {"reason", reason.empty() ? "failures in a row" : reason}});
  }
}

Result<void> Deliverer::claim() {
  const SteadyInstant now = parts_.clock.steady();
  if (claims_.is_busy() || now < queue_retry_at_) return {};
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    const std::size_t index = (next_channel_ + i) % channels_.size();
    ChannelState& channel = channels_[index];
    if (claims_at(channel).value_or(SteadyInstant::max()) > now) continue;
    next_channel_ = index + 1;
    // Whatever makes the channel worth asking while the claim is under way sets these times to earlier ones.
    channel.ask_at = SteadyInstant::max();
    channel.not_before = SteadyInstant::max();
    claiming_.emplace(Claiming{.channel = index, .asked = now, .wanted = wanted(channel, now)});
    claims_.begin([this] { claiming_->answer = parts_.queue.claim(claiming_->wanted); });
    return end_claim();
  }
  return {};
}

Result<void> Deliverer::end_claim() {
  if (!claiming_ || claims_.is_busy()) return {};
  Claiming claiming = *std::exchange(claiming_, std::nullopt);
  ChannelState& channel = channels_[claiming.channel];
  const SteadyInstant asked = claiming.asked;
  const SteadyInstant now = parts_.clock.steady();
  Result<Claimed>& claimed = *claiming.answer;
  const bool is_full = claimed && claimed->jobs.size() >= claiming.wanted.most;
  const bool is_over = claimed && !is_full;
  const Microseconds rest = claimed ? claimed->next_due_in.value_or(limits_.longest_rest) : Microseconds{0};
  channel.ask_at = std::min(channel.ask_at, is_over ? now + std::min<Microseconds>(rest, limits_.longest_rest) : asked);
  channel.not_before = std::min(channel.not_before, is_over ? now + limits_.gather : asked);
  channel.has_left_none = claimed && claimed->has_left_none;
  if (!claimed) return queue_failed(claimed.error());
  queue_answered();
  for (Job& job : claimed->jobs) admit(claiming.channel, std::move(job), asked);
  // The queue takes jobs of a resting account for due and skips them, so it does not say when they can be claimed: the account does.
  for (const auto& [name, account] : accounts_)
    channel.ask_at = std::min(channel.ask_at, account.rests_until(asked).value_or(channel.ask_at));
  return {};
}

Wanted Deliverer::wanted(const ChannelState& channel, SteadyInstant now) const {
  Wanted wanted{.channel = channel.channel.name,
                .most = std::min(channel.channel.most_in_hand - channel.in_hand, channel.channel.most_in_a_claim),
                .lease = limits_.lease,
                .most_of_an_account = channel.room_of_an_account,
                .room = {}};
  for (const auto& [name, account] : accounts_) wanted.room[name] = account.room(now);
  return wanted;
}

void Deliverer::admit(std::size_t channel, Job job, SteadyInstant asked) {
  const auto provider = parts_.providers.find(job.provider);
  WEIR_ASSERT(provider != parts_.providers.end());
  const Terms& terms = provider->second->terms();
  if (job.is_unanswered) parts_.metrics.of(kRepeats, {job.provider}).add();
  Account& account = accounts_.try_emplace(job.account, terms).first->second;
  ++channels_[channel].in_hand;
  account.add({.job = std::move(job),
               .channel = channel,
               .since = asked,
               .begin_by = begin_by(asked, limits_.lease, limits_.begin_within, terms.timeout, job.good_for),
               .lease_until = asked + limits_.lease});
}

void Deliverer::start() {
  for (auto& [name, account] : accounts_) {
    while (true) {
      const SteadyInstant now = parts_.clock.steady();
      account.give_up(now, endings_);
      Batch batch = account.next_batch(now);
      if (batch.jobs.empty()) break;
      begin(name, account, std::move(batch), now);
    }
  }
}

void Deliverer::begin(const std::string& name, Account& account, Batch batch, SteadyInstant now) {
  const Provider& provider = *parts_.providers.at(batch.jobs.front().job.provider);
  auto made = provider.call(jobs_of(batch), parts_.clock.now());
  if (auto* refused = std::get_if<Refused>(&made)) {
    account.withdrawn(std::move(batch), std::move(refused->reason), now, endings_);
    return;
  }
  http::Call& call = std::get<http::Call>(made);
  call.timeout = provider.terms().timeout;
  const http::CallId id = ++last_call_;
  flights_.emplace(id, Flight{.batch = std::move(batch), .account = name, .provider = &provider, .began = now});
  parts_.caller.begin(id, std::move(call));
}

void Deliverer::look_around(SteadyInstant now) {
  std::size_t resting = 0;
  std::erase_if(accounts_, [&](const auto& each) {
    resting += each.second.rests_until(now) ? 1 : 0;
    return each.second.may_be_forgotten(now);
  });
  if (now >= measure_at_) {
    account_metrics_.show(accounts_, now);
    measure_at_ = now + kBetweenMeasurements;
  }
  parts_.metrics.of(kAccountsAtRest, {parts_.name}).set(static_cast<double>(resting));
  for (const ChannelState& channel : channels_)
    parts_.metrics.of(kJobsInHand, {channel.channel.name}).set(static_cast<double>(channel.in_hand));
}

}  // namespace weir::delivery
