#include "producers/cdc/recovery.hpp"

#include "common/core/backoff.hpp"
#include "common/core/fault.hpp"

#include <algorithm>

namespace weir::cdc {

namespace {

constexpr Backoff kBackoff{Milliseconds{200}, Milliseconds{10'000}};
// A capture that streamed for this long was in order, so the fault that ended it counts as the first.
constexpr Seconds kWell{1};

}  // namespace

std::optional<Milliseconds> Recovery::pause_after(const Ended& ended, SteadyInstant now, std::uint64_t drawn) {
  if (ended.published > reached_) without_a_step_ = 0;
  reached_ = std::max(reached_, ended.published);
  has_streamed_ = has_streamed_ || ended.streamed;
  // A fault that time heals counts for nothing: a server that is away is no reason to give up sooner.
  if (is_last(ended.fault, kFewTries) && is_last(ended.fault, ++without_a_step_)) return std::nullopt;
  if (!has_streamed_ && now >= startup_deadline_) return std::nullopt;
  failures_ = ended.streamed && ended.lasted > kWell ? 1 : failures_ + 1;
  return jittered_pause_after(kBackoff, failures_, drawn);
}

}  // namespace weir::cdc
