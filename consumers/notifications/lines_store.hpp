// Lines of messages that wait for tokens. A line in order needs nobody: its next message is due when its token is. Where messages went away
// unsent, or the clock was set back, the next one is due too late, and is woken.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/notifications/pure/limits.hpp"

#include <string>

namespace weir::notifications {

/// Looks at some lines, in the order of their names behind `after`, and makes the next message of those due whose token comes earlier.
/// Whoever claims it takes the tokens that are left over, and moves the one behind it forward. `after` goes on to the last line that was
/// looked at, and to "" behind the last of all.
[[nodiscard]] Result<void> wake_late_lines(postgres::Statements& connection, const Limits& limits, std::string& after,
                                           Microseconds clock_step);

}  // namespace weir::notifications
