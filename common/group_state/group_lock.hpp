// Work that one instance of a group does alone, while the units of work of all others wait. The lock is of the transaction, and each takes
// it as its first: what it decides is read in a later statement, which then sees what the others have committed.
#pragma once

#include "common/postgres/connection.hpp"

#include <string_view>

namespace weir::group_state {

/// For a unit of work: any number go beside each other, none beside the work that is done alone. `name`: of the group, or of a part of it.
[[nodiscard]] Result<void> work_beside(postgres::Connection& connection, std::string_view name);
/// For a wake-up.
[[nodiscard]] Result<void> work_alone(postgres::Connection& connection, std::string_view name);

}  // namespace weir::group_state
