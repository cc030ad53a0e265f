#include "common/delivery/account.hpp"

#include <algorithm>
#include <utility>

namespace weir::delivery {

namespace {

constexpr Seconds kTimeToReport{5};  // what is left of a lease when a kept ending goes to be reported

}  // namespace

void Pace::count(std::size_t jobs, SteadyInstant now) {
  if (now >= since_ + kWindow) {
    before_ = now >= since_ + 2 * kWindow ? 0 : std::exchange(present_, 0);
    since_ = now;
    present_ = 0;
  }
  present_ += jobs;
}

std::size_t Pace::lately(SteadyInstant now) const {
  if (now >= since_ + 2 * kWindow) return 0;
  return now >= since_ + kWindow ? present_ : before_ + present_;
}

std::size_t Account::room(SteadyInstant now) const {
  std::size_t calls = 0;
  std::size_t ahead = 0;
  switch (breaker_.state(now)) {
    case CircuitBreaker::State::kClosed:
      calls = terms_.calls_of_an_account - std::min(in_flight_, terms_.calls_of_an_account);
      ahead = std::min(pace_.lately(now), terms_.calls_of_an_account * terms_.jobs_in_a_call);
      break;
    case CircuitBreaker::State::kHalfOpen:
      calls = breaker_.admits(now) ? 1 : 0;
      break;
    case CircuitBreaker::State::kOpen:
      break;
  }
  const std::size_t jobs = calls * terms_.jobs_in_a_call + ahead;
  return jobs - std::min(jobs, waiting_.size());
}

bool Account::batch_goes(SteadyInstant now) const {
  if (waiting_.empty() || in_flight_ >= terms_.calls_of_an_account || !breaker_.admits(now)) return false;
  if (in_flight_ == 0 || waiting_.front().job.is_alone) return true;
  return waiting_.size() >= terms_.jobs_in_a_call || now >= waiting_.front().since + terms_.linger;
}

Batch Account::next_batch(SteadyInstant now) {
  Batch batch;
  if (!batch_goes(now)) return batch;
  const std::size_t most = waiting_.front().job.is_alone ? 1 : terms_.jobs_in_a_call;
  while (!waiting_.empty() && batch.jobs.size() < most) {
    if (!batch.jobs.empty() && waiting_.front().job.is_alone) break;
    batch.jobs.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  batch.era = breaker_.begin(now);
  has_asked_to_wait_ = false;
  ++in_flight_;
  return batch;
}

void Account::withdrawn(Batch batch, const std::string& reason, SteadyInstant now, Endings& out) {
  WEIR_ASSERT(in_flight_ > 0);
  --in_flight_;
  breaker_.withdrawn(batch.era);
  const bool is_shared = batch.jobs.size() > 1;
  for (Waiting& each : batch.jobs) {
    Ending ending;
    ending.report.job = std::move(each.job);
    ending.report.verdict = is_shared ? Verdict(Divided{reason}) : Verdict(Refused{reason});
    ending.report.is_spent = !is_shared;
    ending.channel = each.channel;
    if (is_shared) ending.again_at = now;
    out.endings.push_back(std::move(ending));
  }
}

Blame Account::heed(const Judgement& judgement, CircuitBreaker::Era era, SteadyInstant now, Endings& out) {
  Blame blame = Blame::kJob;
  switch (sign_of(judgement.verdicts)) {
    case AccountSign::kWorks:
      breaker_.succeeded(era, now);
      pace_.count(judgement.verdicts.size(), now);
      if (breaker_.is_untroubled()) decide(Blame::kJob, out);
      break;
    case AccountSign::kFails:
      if (breaker_.failed(era, now)) blame = Blame::kAccount;
      if (breaker_.opened_until()) decide(Blame::kAccount, out);
      break;
    case AccountSign::kWait:
      // Earlier failures were no requests to wait, so that the tries of their jobs stay spent.
      decide(Blame::kJob, out);
      breaker_.paused(era, now, asked_pause(judgement.verdicts));
      has_asked_to_wait_ = true;
      break;
  }
  return blame;
}

void Account::ended(Batch batch, Judgement judgement, SteadyInstant now, Endings& out) {
  WEIR_ASSERT(in_flight_ > 0 && judgement.verdicts.size() == batch.jobs.size());
  --in_flight_;
  last_ended_ = now;
  const Blame blame = heed(judgement, batch.era, now, out);
  const bool counts = !breaker_.is_untroubled() && !breaker_.opened_until();  // among the failures in a row so far
  for (std::size_t i = 0; i < batch.jobs.size(); ++i) {
    Waiting& waiting = batch.jobs[i];
    Verdict& verdict = judgement.verdicts[i];
    const bool has_failed = std::holds_alternative<Postponed>(verdict) || std::holds_alternative<Unknown>(verdict);
    const Consequence then = consequence(verdict, waiting.job, terms_, blame, judgement.drawn);
    Ending ending{.report = {.job = std::move(waiting.job),
                             .verdict = std::move(verdict),
                             .is_spent = then.is_spent,
                             .again_in = {},
                             .status = judgement.status,
                             .took = judgement.took},
                  .channel = waiting.channel,
                  .again_at = {}};
    if (then.again_in) ending.again_at = now + *then.again_in;
    if (!then.is_spent) ending.again_at = std::max(ending.again_at.value_or(now), rests_until(now).value_or(now));
    if (has_failed && then.is_spent && counts) {
      if (!then.again_in) {
        const SteadyInstant schedule = now + pause_after(terms_.retry, ending.report.job.tries + 1);
        last_tries_.push_back({std::move(ending), std::min(schedule, waiting.lease_until - kTimeToReport)});
        continue;
      }
      spent_.push_back({ending.report.job.id, ending.report.job.attempt});
    }
    out.endings.push_back(std::move(ending));
  }
}

void Account::decide(Blame blame, Endings& out) {
  if (blame == Blame::kAccount) out.refunds.insert(out.refunds.end(), spent_.begin(), spent_.end());
  spent_.clear();
  for (LastTry& kept : std::exchange(last_tries_, {})) {
    if (blame == Blame::kAccount) {
      let_go(std::move(kept), *breaker_.opened_until(), out);
    } else {
      out.endings.push_back(std::move(kept.ending));
    }
  }
}

void Account::let_go(LastTry kept, SteadyInstant again_at, Endings& out) const {
  kept.ending.report.is_spent = false;
  kept.ending.again_at = again_at;
  out.endings.push_back(std::move(kept.ending));
}

void Account::give_back(Waiting job, std::string_view reason, SteadyInstant now, Endings& out) const {
  Ending ending;
  ending.report.job = std::move(job.job);
  ending.report.verdict = NotBegun{std::string(reason)};
  ending.report.is_spent = false;
  ending.channel = job.channel;
  ending.again_at = rests_until(now).value_or(now);
  out.endings.push_back(std::move(ending));
}

void Account::give_up(SteadyInstant now, Endings& out) {
  const bool rests = breaker_.state(now) == CircuitBreaker::State::kOpen;
  const auto stays = [&](const Waiting& each) { return !rests && now <= each.begin_by; };
  const auto gone = std::stable_partition(waiting_.begin(), waiting_.end(), stays);
  for (auto each = gone; each != waiting_.end(); ++each)
    give_back(std::move(*each), rests ? "the account rests" : "no call could begin in time", now, out);
  waiting_.erase(gone, waiting_.end());
  std::vector<LastTry> undecided;
  for (LastTry& kept : last_tries_) {
    if (now >= kept.keep_until) {
      let_go(std::move(kept), now, out);
    } else {
      undecided.push_back(std::move(kept));
    }
  }
  last_tries_ = std::move(undecided);
}

void Account::give_up_all(SteadyInstant now, std::string_view reason, Endings& out) {
  for (Waiting& each : std::exchange(waiting_, {})) give_back(std::move(each), reason, now, out);
  for (LastTry& kept : std::exchange(last_tries_, {})) let_go(std::move(kept), now, out);
}

std::optional<SteadyInstant> Account::next_change(SteadyInstant now) const {
  std::optional<SteadyInstant> next;
  const auto look_at = [&next](SteadyInstant at) { next = next ? std::min(*next, at) : at; };
  for (const LastTry& kept : last_tries_) look_at(kept.keep_until);
  if (waiting_.empty()) return next;
  if (batch_goes(now)) look_at(now);
  // The next moment after begin_by is the first at which a job is given back.
  for (const Waiting& each : waiting_) look_at(each.begin_by + SteadyInstant::duration{1});
  if (in_flight_ < terms_.calls_of_an_account && breaker_.admits(now)) look_at(waiting_.front().since + terms_.linger);
  if (const auto until = rests_until(now)) look_at(*until);
  return next;
}

Account::State Account::state(SteadyInstant now) const {
  switch (breaker_.state(now)) {
    case CircuitBreaker::State::kClosed:
      return State::kWorks;
    case CircuitBreaker::State::kHalfOpen:
      return State::kProbed;
    case CircuitBreaker::State::kOpen:
      break;
  }
  return has_asked_to_wait_ ? State::kWaits : State::kOpen;
}

std::optional<SteadyInstant> Account::rests_until(SteadyInstant now) const {
  return breaker_.state(now) == CircuitBreaker::State::kOpen ? breaker_.opened_until() : std::nullopt;
}

bool Account::may_be_forgotten(SteadyInstant now) const {
  if (!is_idle()) return false;
  if (breaker_.is_untroubled()) return pace_.lately(now) == 0;
  return now >= std::max(last_ended_, breaker_.opened_until().value_or(last_ended_)) + terms_.breaker.rest.longest;
}

}  // namespace weir::delivery
