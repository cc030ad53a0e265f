// A divergence: what windows hold of an execution after a change of it was not taken, because the change was refused, or because Postgres
// or the end of the process killed it. A later change cannot see this from its rows. Therefore it is remembered, together with the places
// of the changes in their source: the next change of the execution takes out what the windows really hold, and a letter that an operator
// sends through again is compared with newer changes.
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
  std::optional<Contribution> counted;  // of an open row: what the windows hold; none: nothing
  Instant kept_until{};                 // changes recorded later find the windows frozen, and need no divergence
  std::optional<SourceOrder> missed{};  // of an open row: the last change that was not taken; none: an older release did not keep it
  std::optional<SourceOrder> taken{};   // the last change, since the first missed one, that was taken or whose `before` was taken out
  std::string refused_by{};             // the release that refused the last change for its form or its values
  friend bool operator==(const Divergence&, const Divergence&) = default;
};

/// Divergences by the id of their row.
using Divergences = std::unordered_map<ExecutionId, Divergence>;

/// A change that died, or a row of a snapshot that is not counted.
struct Missed {
  ExecutionId row;
  std::optional<Contribution> counted;  // what the windows hold of the row, where there is no divergence of it yet
  SourceOrder order;
  Instant kept_until{};
};

/// How a change is taken where there is a divergence of its row.
enum class Meeting : std::uint8_t {
  kAsTold,        // it takes out its own `before`
  kByWhatIsHeld,  // it takes out what the windows really hold
  kSuperseded,    // a later change was taken, so this one has no effect any more
};

/// `release` is that of this process. The release that refused the row judges its image in the same way again, so that the change's own
/// `before` is right. Another release may find a row to take out that was never put in.
[[nodiscard]] Meeting meet(const Divergence& held, const SourceOrder& change, bool is_redriven, std::string_view release);

/// The effect of a change where the windows hold `counted` of its row, instead of the `before` that `told` would take out.
[[nodiscard]] ExecutionEffect corrected(ExecutionEffect told, const std::optional<Contribution>& counted, Instant recorded_at,
                                        const TimeLimits& limits);

void note_missed(Divergences& divergences, const Missed& missed);
/// `release` is "" where the change was refused for its time, because the row's next change is judged anew by that time.
void note_refused(Divergences& divergences, const ExecutionId& row, const SourceOrder& change, Instant kept_until,
                  std::string_view release);
/// `counted` is f of the row after the change.
void note_taken(Divergence& held, const SourceOrder& change, const std::optional<Contribution>& counted);

}  // namespace weir::rollups
