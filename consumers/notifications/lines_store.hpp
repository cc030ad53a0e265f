// The lines in which messages wait for tokens. Each message of a line is due when its token is there. Where messages went away unsent, or
// the clock was set back, the others are due later than the tokens that they could have.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/notifications/pure/limits.hpp"

#include <string>

namespace weir::notifications {

/// Looks at some lines, in the order of their names from behind `after`. Where a line's next message is due later than its token is there,
/// the message becomes due now. The claim that finds it gives out the tokens that were left over, and makes the message behind it due
/// earlier. `after` becomes the name of the last line that was looked at, or "" once no line is behind it. Says whether messages became
/// due.
[[nodiscard]] Result<bool> wake_late_lines(postgres::Statements& connection, const Limits& limits, std::string& after,
                                           Microseconds clock_step);

}  // namespace weir::notifications
