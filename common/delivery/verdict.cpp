#include "common/delivery/verdict.hpp"

#include <algorithm>

namespace weir::delivery {

namespace {

template <class Kind>
bool any(std::span<const Verdict> verdicts) {
  return std::ranges::any_of(verdicts, [](const Verdict& verdict) { return std::holds_alternative<Kind>(verdict); });
}

}  // namespace

AccountSign sign_of(std::span<const Verdict> verdicts) {
  if (any<Paused>(verdicts)) return AccountSign::kWait;
  if (any<Accepted>(verdicts) || any<Refused>(verdicts) || any<Divided>(verdicts)) return AccountSign::kWorks;
  return AccountSign::kFails;
}

std::optional<Microseconds> asked_pause(std::span<const Verdict> verdicts) {
  std::optional<Microseconds> longest;
  for (const Verdict& verdict : verdicts) {
    const auto* paused = std::get_if<Paused>(&verdict);
    if (paused != nullptr && paused->retry_after) longest = std::max(longest.value_or(Microseconds{0}), *paused->retry_after);
  }
  return longest;
}

std::string pause_reason(std::span<const Verdict> verdicts) {
  for (const Verdict& verdict : verdicts) {
    if (const auto* paused = std::get_if<Paused>(&verdict)) return paused->reason;
  }
  return {};
}

Consequence consequence(const Verdict& verdict, const Job& job, const Terms& terms, Blame blame, std::uint64_t drawn) {
  if (std::holds_alternative<Accepted>(verdict) || std::holds_alternative<Refused>(verdict)) return {.is_spent = true, .again_in = {}};
  const auto* postponed = std::get_if<Postponed>(&verdict);
  const bool has_failed = postponed != nullptr || std::holds_alternative<Unknown>(verdict);
  if (!has_failed || blame == Blame::kAccount) {
    return {.is_spent = false, .again_in = postponed != nullptr ? postponed->retry_after.value_or(Microseconds{0}) : Microseconds{0}};
  }
  const int failures = job.tries + 1;
  if (failures >= terms.tries) return {.is_spent = true, .again_in = {}};
  if (postponed != nullptr && postponed->retry_after) return {.is_spent = true, .again_in = postponed->retry_after};
  const Milliseconds pause = terms.is_jittered ? jittered_pause_after(terms.retry, failures, drawn) : pause_after(terms.retry, failures);
  return {.is_spent = true, .again_in = pause};
}

SteadyInstant begin_by(SteadyInstant asked, Microseconds lease, Microseconds begin_within, Microseconds timeout, Microseconds good_for) {
  return asked + std::min({begin_within, lease - timeout, good_for});
}

}  // namespace weir::delivery
