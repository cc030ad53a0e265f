// What windows hold of an execution of which a change was not taken: it was refused, or it died by Postgres or by ending the process. From
// the row alone a later change cannot tell. Therefore it is remembered, together with where the changes stand in their source: the next
// change of the row takes out what the windows do hold, and a letter that an operator sends through again finds whether it is out of date.
//
// A row is open while the windows hold `counted` instead of f of the row. What happens to it:
//   a change dies          closed → open, counted = what the change was to take out; open → open, counted stays
//   a change is refused    → open, counted = nothing, since what the row was before has been taken out
//   a change is taken      open → closed, where it is later than the last that was missed
//   a letter is sent       later than every change that was taken: it is taken (before the last that was missed the row stays open, with
//   through again          counted = f of the letter's row); otherwise it is superseded
#pragma once

#include "consumers/rollups/pure/execution.hpp"
#include "consumers/rollups/pure/source_order.hpp"

#include <string>
#include <string_view>
#include <unordered_map>

namespace weir::rollups {

struct Divergence {
  bool open = true;
  std::optional<Contribution> counted;  // of an open row: what the windows hold of it; none: nothing
  Instant kept_until{};                 // a change that is recorded later finds its windows frozen, and needs to know no more
  std::optional<SourceOrder> missed{};  // of an open row: the last change that was not taken; none: an earlier release did not keep it
  std::optional<SourceOrder> taken{};   // the last change that was taken since the first that was not, or whose `before` was taken out
  std::string refused_by{};             // the release that refused the last change for its form or its values
  friend bool operator==(const Divergence&, const Divergence&) = default;
};

/// Of rows by their id.
using Divergences = std::unordered_map<ExecutionId, Divergence>;

/// A change that died, or a row of a snapshot that is not counted.
struct Missed {
  ExecutionId row;
  std::optional<Contribution> counted;  // what the windows hold of the row, should nothing be known of it yet
  SourceOrder order;
  Instant kept_until{};
};

/// How a change meets what is known of its row.
enum class Meeting : std::uint8_t {
  kAsTold,        // it takes out what it says that was there before
  kByWhatIsHeld,  // it takes out what the windows hold
  kSuperseded,    // a later change was taken: it has nothing to say any more
};

/// `release`: that of this process. It judges the row's image as it did when it refused it, so that the change tells the truth; another
/// release may see a row to take out where none was put in.
[[nodiscard]] Meeting meet(const Divergence& held, const SourceOrder& change, bool is_redriven, std::string_view release);

/// What a change comes to, where the windows hold `counted` of its row, and not what `told` would take out.
[[nodiscard]] ExecutionEffect corrected(ExecutionEffect told, const std::optional<Contribution>& counted, Instant recorded_at,
                                        const TimeLimits& limits);

void note_missed(Divergences& divergences, const Missed& missed);
/// `release` "": the change was refused for its time, which its row's next change is judged by anew.
void note_refused(Divergences& divergences, const ExecutionId& row, const SourceOrder& change, Instant kept_until,
                  std::string_view release);
/// `counted`: f of the row after the change.
void note_taken(Divergence& held, const SourceOrder& change, const std::optional<Contribution>& counted);

}  // namespace weir::rollups
