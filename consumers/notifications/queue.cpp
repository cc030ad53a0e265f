#include "consumers/notifications/queue.hpp"

#include "common/postgres/visibility.hpp"
#include "consumers/notifications/buckets_store.hpp"
#include "consumers/notifications/providers/registry.hpp"

#include <algorithm>
#include <utility>

namespace weir::notifications {

namespace {

using delivery::Claimed;
using delivery::Report;
using postgres::Statements;

constexpr Seconds kRefresh{5};
constexpr std::size_t kMostLines = 64;  // whose next messages are looked at in a claim

UnsentMessage end_of(const QueuedMessage& message, Unsent why) {
  switch (why) {
    case Unsent::kUnwanted:
      // What may have been sent stays in doubt.
      return {&message, message.is_unanswered ? "in_doubt" : message.unwanted == "needless" ? "cancelled" : "suppressed", message.unwanted};
    case Unsent::kExpired:
      return {&message, "expired", "time_to_live"};
    case Unsent::kHeld:
      return {&message, "in_doubt", "held: the last attempt has no answer"};
    case Unsent::kStaysInDoubt:
      break;
  }
  return {&message, "in_doubt", "the last attempt has no answer, and it is too late for another"};
}

}  // namespace

/// What is known of a claim while it is made.
struct DeliveryQueue::Claim {
  const delivery::Wanted& wanted;
  DueQuery query{};
  ClaimTerms terms{};
  std::vector<QueuedMessage> messages{};
  bool are_more = false;
  bool are_of_all = false;
  std::shared_ptr<const Channels> channels{};
  std::map<std::string, SteadyInstant> resting{};  // accounts
  BucketStates states{};
  ClaimPlan plan{};
};

DeliveryQueue::DeliveryQueue(QueueParts parts)
    : parts_(std::move(parts)),
      of_claims_(parts_.session, parts_.clock),
      of_reports_(parts_.session, parts_.clock),
      addresses_(parts_.masters, parts_.clock) {}

Result<void> DeliveryQueue::prepare() {
  postgres::Connection* connection = WEIR_TRY(of_claims_.opened());
  return postgres::require_visible(*connection, {{"public", "notifications"},
                                                 {"public", "notification_attempts"},
                                                 {"public", "notification_channels"},
                                                 {"public", "notification_destinations"},
                                                 {"public", "users"}});
}

Result<void> DeliveryQueue::refresh(Statements& connection) {
  const SteadyInstant now = parts_.clock.steady();
  if (now < refresh_at_) return {};
  limits_ = WEIR_TRY(load_limits(connection));
  known_.set_channels(WEIR_TRY(load_channels(connection)));
  own_accounts_ = WEIR_TRY(own_accounts(connection, parts_.masters.get()));
  unknown_.clear();
  refresh_at_ = now + kRefresh;
  return {};
}

/// A null pointer where none is configured.
std::shared_ptr<const ProviderAccount> DeliveryQueue::account(const std::string& name) const {
  if (const auto own = own_accounts_.find(name); own != own_accounts_.end()) return own->second;
  const auto platforms = parts_.accounts.find(default_account(provider_of(name)));
  return platforms == parts_.accounts.end() ? nullptr : platforms->second;
}

/// Accounts that rest have no room. They are looked at all the same where a channel has another provider for their messages.
Result<void> DeliveryQueue::find_rooms(Statements& connection, Claim& claim) {
  const SteadyInstant now = parts_.clock.steady();
  for (const auto& [account, pause] : WEIR_TRY(paused_accounts(connection, parts_.clock_step))) known_.rest(account, now + pause);
  claim.resting = known_.resting(now);
  claim.channels = known_.channels();
  claim.terms.most = claim.wanted.most;
  claim.terms.room = claim.wanted.room;
  claim.terms.room_of_others = claim.wanted.most_of_an_account;
  for (const auto& [account, until] : claim.resting) claim.terms.room[account] = 0;
  for (const std::string& account : unknown_) claim.terms.room[account] = 0;
  // An account that rests may have messages for another provider of their channel.
  for (const auto& [account, room] : claim.terms.room) {
    if (room > 0) {
      claim.query.room.emplace(account, room);
    } else if (!claim.resting.contains(account) || unknown_.contains(account)) {
      claim.query.resting.push_back(account);
    }
  }
  claim.query.channel = claim.wanted.channel;
  claim.query.clock_step = parts_.clock_step;
  claim.query.most = claim.wanted.most;
  return {};
}

/// Messages of accounts that rest go over the channel's next provider, where there is one. Those whose account nobody configured wait.
void DeliveryQueue::go_over(Claim& claim) {
  for (QueuedMessage& message : claim.messages) {
    const ProviderRow* row = find_provider(provider_of(message.account));
    const bool is_its_own = row != nullptr && row->is_destination_its_account;
    if (is_its_own) message.account = row->name + ":" + message.destination;
    const ChannelSettings* settings = claim.channels->of(message.organization, message.channel);
    const auto instead =
        claim.resting.contains(message.account) && settings != nullptr ? provider_instead(message, *settings) : std::nullopt;
    if (instead) {
      message.account =
          account_name(settings->providers[static_cast<std::size_t>(*instead)], *settings, message.organization, message.destination);
      message.provider = *instead;
    }
    if (row != nullptr && (is_its_own || account(message.account) != nullptr)) continue;
    unknown_.insert(message.account);
    claim.terms.room[message.account] = 0;
  }
}

/// Whether an account whose messages were looked at has room for more than were claimed.
bool DeliveryQueue::has_room_left(const Claim& claim) {
  std::map<std::string, std::size_t> room = claim.terms.room;
  for (const QueuedMessage& message : claim.messages) room.try_emplace(message.account, claim.terms.room_of_others);
  for (const std::size_t i : claim.plan.claimed) --room[claim.messages[i].account];
  return std::ranges::any_of(claim.messages, [&](const QueuedMessage& each) { return room[each.account] > 0; });
}

Result<void> DeliveryQueue::lock(Statements& connection, Claim& claim) {
  std::map<std::string, NeededBucket> needed;
  std::set<std::string> lines;
  for (const QueuedMessage& message : claim.messages) {
    for (NeededBucket& bucket : buckets_of(message, limits_)) {
      lines.insert(bucket.line);
      needed.emplace(bucket.key, std::move(bucket));
    }
  }
  std::vector<std::string> keys;
  for (const auto& [key, bucket] : needed) keys.push_back(key);
  LockedBuckets locked = WEIR_TRY(lock_buckets(connection, keys, parts_.clock_step));
  if (locked.buckets.size() < keys.size()) return fail(FaultKind::kPgSerialization, "an idle bucket went at this moment");
  for (auto& [key, bucket] : locked.buckets) {
    const NeededBucket& its = needed.at(key);
    bucket.minute = its.limit.minute;
    bucket.hour = its.limit.hour;
    bucket.may_be_overdrawn = its.scope == LimitScope::kUser;
  }
  claim.states.buckets = std::move(locked.buckets);
  claim.states.lines = WEIR_TRY(count_lines(connection, std::vector<std::string>(lines.begin(), lines.end())));
  claim.terms.now = locked.now;
  return {};
}

/// Leaves out what is not sent any more, decides, and writes what the buckets are left with.
Result<void> DeliveryQueue::take_tokens(Statements& connection, Claim& claim) {
  const std::map<std::string, TokenBucket> before = claim.states.buckets;
  std::vector<QueuedMessage> sendable;
  std::vector<std::pair<QueuedMessage, Unsent>> unsendable;
  for (QueuedMessage& message : claim.messages) {
    const auto why = unsent(message, is_idempotent(provider_of(message.account)), claim.terms.now);
    if (why) {
      unsendable.emplace_back(std::move(message), *why);
    } else {
      sendable.push_back(std::move(message));
    }
  }
  claim.messages = std::move(sendable);
  std::vector<UnsentMessage> ended;
  for (const auto& [message, why] : unsendable) ended.push_back(end_of(message, why));
  WEIR_TRY(end_messages(connection, ended));
  claim.terms.after = after_[std::string(claim.wanted.channel)];
  claim.plan = plan_claim(claim.messages, limits_, claim.states, claim.terms);
  std::map<std::string, TokenBucket> changed;
  for (const auto& [key, bucket] : claim.states.buckets) {
    const TokenBucket& was = before.at(key);
    if (bucket.minute_full_at != was.minute_full_at || bucket.hour_full_at != was.hour_full_at) changed.emplace(key, bucket);
  }
  WEIR_TRY(write_buckets(connection, changed));
  WEIR_TRY(write_moved(connection, claim.messages, claim.plan.moved));
  return write_deferred(connection, claim.messages, claim.plan.deferred);
}

Result<Claimed> DeliveryQueue::take(Statements& connection, Claim& claim) {
  std::vector<const QueuedMessage*> planned;
  for (const std::size_t i : claim.plan.claimed) planned.push_back(&claim.messages[i]);
  std::vector<ClearAddress> addresses = WEIR_TRY(addresses_.of(connection, planned));
  std::vector<UnsentMessage> unreachable;
  std::vector<const QueuedMessage*> reachable;
  std::vector<ClearAddress> theirs;
  for (std::size_t i = 0; i < planned.size(); ++i) {
    if (!addresses[i].reason.empty()) {
      unreachable.push_back({planned[i], addresses[i].status, addresses[i].reason});
    } else {
      reachable.push_back(planned[i]);
      theirs.push_back(std::move(addresses[i]));
    }
  }
  WEIR_TRY(end_messages(connection, unreachable));
  Claimed claimed;
  for (TakenMessage& taken : WEIR_TRY(take_messages(connection, reachable, claim.terms.now, claim.wanted.lease))) {
    const QueuedMessage& message = *reachable[taken.message];
    ClearAddress& address = theirs[taken.message];
    auto outgoing = std::make_unique<Outgoing>();
    outgoing->organization = message.organization;
    outgoing->template_key = message.template_key;
    outgoing->subject = std::move(taken.subject);
    outgoing->body = std::move(taken.body);
    outgoing->address = std::move(address.text);
    outgoing->secrets = std::move(address.secrets);
    outgoing->created_at = message.created_at;
    outgoing->account = account(message.account);
    parts_.links.put_into(*outgoing, message, address.version);
    claimed.jobs.push_back({.id = message.id,
                            .claim = taken.claim,
                            .attempt = taken.attempt,
                            .tries = taken.tries,
                            .is_unanswered = taken.is_unanswered,
                            .is_alone = message.is_alone,
                            .provider = std::string(provider_of(message.account)),
                            .account = message.account,
                            .good_for = message.expires_at - claim.terms.now,
                            .message = std::move(outgoing)});
  }
  return claimed;
}

Result<Claimed> DeliveryQueue::claim(Statements& connection, const delivery::Wanted& wanted, ClaimPlan& plan) {
  WEIR_TRY(refresh(connection));
  Claim claim{.wanted = wanted};
  WEIR_TRY(find_rooms(connection, claim));
  DueMessages due = WEIR_TRY(due_messages(connection, claim.query, turns_[std::string(wanted.channel)]));
  claim.messages = std::move(due.messages);
  claim.are_more = due.are_more;
  claim.are_of_all = due.are_of_all;
  std::set<std::string> woken;
  for (const QueuedMessage& message : claim.messages) {
    if (!message.waits_for.empty() && woken.size() < kMostLines) woken.insert(message.waits_for);
  }
  const std::vector<std::string> lines(woken.begin(), woken.end());
  for (QueuedMessage& message : WEIR_TRY(next_in_lines(connection, claim.query, lines))) claim.messages.push_back(std::move(message));
  Claimed claimed;
  if (!claim.messages.empty()) {
    go_over(claim);
    WEIR_TRY(lock(connection, claim));
    const std::size_t found = claim.messages.size();
    WEIR_TRY(take_tokens(connection, claim));
    const bool has_ended = claim.messages.size() < found;
    claimed = WEIR_TRY(take(connection, claim));
    after_[std::string(wanted.channel)] = claim.plan.after;
    const bool goes_on = has_ended || !claim.plan.deferred.empty() || !claimed.jobs.empty();
    const bool is_room_used = claim.are_of_all && !has_room_left(claim);
    if (claim.are_more && goes_on && !is_room_used && claimed.jobs.size() < wanted.most) claimed.next_due_in = Microseconds{0};
  }
  claimed.has_left_none = !claim.are_more && claim.plan.left == 0 && claim.query.resting.empty() && claim.resting.empty();
  if (!claimed.next_due_in) claimed.next_due_in = WEIR_TRY(until_next_due(connection, claim.query));
  plan = std::move(claim.plan);
  return claimed;
}

Result<Claimed> DeliveryQueue::claim(const delivery::Wanted& wanted) {
  ClaimPlan plan;
  Claimed claimed = WEIR_TRY(of_claims_.transaction([&](Statements& connection) { return claim(connection, wanted, plan); }));
  if (parts_.metrics != nullptr) show_tokens(*parts_.metrics, plan);
  return claimed;
}

/// Accounts that asked to wait, or whose breaker opened, with the time until they may be called again.
std::map<std::string, Microseconds> DeliveryQueue::pauses_of(std::span<const StandingMessage> standing, std::span<const Report> reports) {
  std::map<std::string, Microseconds> asked;
  for (const StandingMessage& each : standing) {
    const Report& report = reports[each.report];
    const bool is_of_account = std::holds_alternative<delivery::Paused>(report.verdict) ||
                               std::holds_alternative<delivery::Postponed>(report.verdict) ||
                               std::holds_alternative<delivery::Unknown>(report.verdict);
    if (!is_of_account || report.is_spent || !report.again_in || *report.again_in <= Microseconds{0}) continue;
    known_.rest(report.job.account, parts_.clock.steady() + *report.again_in);
    if (!std::holds_alternative<delivery::Paused>(report.verdict)) continue;
    Microseconds& pause = asked[report.job.account];
    pause = std::max(pause, *report.again_in);
  }
  return asked;
}

Result<std::size_t> DeliveryQueue::report(std::span<const Report> reports, std::span<const delivery::Refund> refunds) {
  return of_reports_.transaction([&](Statements& connection) -> Result<std::size_t> {
    std::vector<StandingMessage> standing = WEIR_TRY(standing_messages(connection, reports));
    const auto channels = known_.channels();
    for (StandingMessage& each : standing) {
      const ChannelSettings* settings = channels->of(each.message.organization, each.message.channel);
      const ChannelSettings* fallback = settings != nullptr ? channels->of(each.message.organization, settings->fallback_channel) : nullptr;
      each.settlement = settle(reports[each.report], each.message, settings, fallback);
    }
    const auto pauses = pauses_of(standing, reports);
    WEIR_TRY(write_attempts(connection, standing, reports));
    WEIR_TRY(write_queue(connection, standing, parts_.clock_step));
    WEIR_TRY(pause_accounts(connection, pauses, parts_.clock_step));
    WEIR_TRY(write_ledger(connection, standing, parts_.clock_step));
    WEIR_TRY(write_destinations(connection, standing, reports));
    WEIR_TRY(refund_tries(connection, refunds));
    return standing.size();
  });
}

}  // namespace weir::notifications
