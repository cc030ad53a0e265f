#include "tests/unit/delivery/fake_queue.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::testing {

using namespace delivery;

namespace {

bool was_unanswered(const Row& row) {
  if (row.attempts.empty()) return false;
  const std::string& verdict = row.attempts.rbegin()->second.verdict;
  return verdict.empty() || verdict == "unknown";
}

}  // namespace

Uuid row_id(int number) { return *Uuid::parse(fmt::format("00000000-0000-4000-8000-{:012}", number)); }

bool FakeQueue::all_ended() const {
  return std::all_of(rows.begin(), rows.end(), [](const auto& row) { return row.second.end != Row::End::kNone; });
}

void FakeQueue::pass() {
  if (moved_ != nullptr) moved_->advance(latency);
}

std::optional<QueueFault> FakeQueue::fault_at(QueueFault::At at) {
  if (!faults.empty() && faults.front().at == at) {
    const QueueFault fault = faults.front();
    faults.pop_front();
    return fault;
  }
  return weather ? weather(at) : std::nullopt;
}

Job FakeQueue::give_out(const Uuid& id, Row& row, Microseconds lease) {
  const bool is_unanswered = was_unanswered(row);
  const int attempt = row.attempts.empty() ? 1 : row.attempts.rbegin()->first + 1;
  row.claim = ++last_claim_;
  row.lease_until = clock_.steady() + lease;
  row.attempts[attempt] = {.claim = row.claim, .granted = clock_.steady()};
  Job job;
  job.id = id;
  job.claim = row.claim;
  job.attempt = attempt;
  job.tries = row.tries;
  job.is_unanswered = is_unanswered;
  job.is_alone = row.is_alone;
  job.provider = row.provider;
  job.account = row.account;
  if (row.expires != SteadyInstant::max()) job.good_for = std::chrono::floor<Microseconds>(row.expires - clock_.steady());
  return job;
}

Result<Claimed> FakeQueue::claim(const Wanted& wanted) {
  asked.push_back(wanted);
  pass();
  const auto fault = fault_at(QueueFault::At::kClaim);
  if (fault && !fault->is_lost) return fail(fault->kind, "planned");
  Claimed claimed{.jobs = {}, .next_due_in = {}, .has_left_none = true};
  std::map<std::string, std::size_t> taken;
  const SteadyInstant now = clock_.steady();
  for (const Uuid& id : ids) {
    Row& row = rows.at(id);
    if (row.end != Row::End::kNone || row.channel != wanted.channel) continue;
    if (const SteadyInstant at = std::max(row.due, row.lease_until); at > now) {
      const Microseconds in = std::chrono::ceil<Microseconds>(at - now);
      claimed.next_due_in = std::min(claimed.next_due_in.value_or(in), in);
      continue;
    }
    if (now >= row.expires) {
      row.end = Row::End::kExpired;
      continue;
    }
    const auto room = wanted.room.find(row.account);
    const std::size_t most = room == wanted.room.end() ? wanted.most_of_an_account : room->second;
    if (claimed.jobs.size() >= wanted.most || taken[row.account] >= most) {
      claimed.has_left_none = false;
      continue;
    }
    const bool was_lost = was_unanswered(row);
    if (was_lost && row.holds_in_doubt) {
      row.end = Row::End::kHeld;
      continue;
    }
    ++taken[row.account];
    claimed.jobs.push_back(give_out(id, row, wanted.lease));
  }
  pass();
  if (fault) return fail(fault->kind, "lost");
  return claimed;
}

void FakeQueue::write(const Report& report, std::size_t& stood) {
  Row& row = rows.at(report.job.id);
  if (row.claim != report.job.claim || row.end != Row::End::kNone || row.lease_until == SteadyInstant{}) {
    ++stale;
    return;
  }
  ++stood;
  row.lease_until = {};
  if (std::holds_alternative<NotBegun>(report.verdict)) {
    row.attempts.erase(report.job.attempt);
  } else {
    Row::Attempt& attempt = row.attempts.at(report.job.attempt);
    attempt.verdict = verdict_name(report.verdict);
    attempt.is_spent = report.is_spent;
  }
  if (report.is_spent) ++row.tries;
  if (std::holds_alternative<Divided>(report.verdict)) row.is_alone = true;
  if (std::holds_alternative<Unknown>(report.verdict) && row.holds_in_doubt) {
    row.end = Row::End::kHeld;
  } else if (report.again_in) {
    row.due = clock_.steady() + *report.again_in;
  } else if (std::holds_alternative<Accepted>(report.verdict)) {
    row.end = Row::End::kAccepted;
  } else {
    const auto* refused = std::get_if<Refused>(&report.verdict);
    row.end = refused != nullptr ? Row::End::kRefused : Row::End::kUsedUp;
    if (refused != nullptr) row.reason = refused->reason;
  }
}

Result<std::size_t> FakeQueue::report(std::span<const Report> written, std::span<const Refund> refunds) {
  ++reports;
  pass();
  const auto fault = fault_at(QueueFault::At::kReport);
  if (fault && !fault->is_lost) return fail(fault->kind, "planned");
  for (const Report& report : written) {
    if (unwritable.contains(report.job.id) && std::holds_alternative<Accepted>(report.verdict)) return fail(FaultKind::kPgValue, "22021");
  }
  std::size_t stood = 0;
  for (const Report& report : written) write(report, stood);
  for (const Refund& refund : refunds) {
    Row& row = rows.at(refund.id);
    const auto attempt = row.attempts.find(refund.attempt);
    if (row.end != Row::End::kNone || attempt == row.attempts.end() || !attempt->second.is_spent) continue;
    attempt->second.is_spent = false;
    attempt->second.is_refunded = true;
    --row.tries;
  }
  pass();
  if (fault) return fail(fault->kind, "lost");
  return stood;
}

}  // namespace weir::testing
