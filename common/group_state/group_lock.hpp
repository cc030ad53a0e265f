// Work that one instance of a group does alone, while the units of work of all others wait. Each transaction takes this lock first, and
// holds it to its end. Only a later statement reads what the work decides upon, so that it sees everything that the others have committed.
#pragma once

#include "common/postgres/statements.hpp"

#include <string_view>

namespace weir::group_state {

/// For a unit of work: any number of units run beside each other, but none beside the work that is done alone. `name` is that of the group
/// or of a part of it.
[[nodiscard]] Result<void> work_beside(postgres::Statements& connection, std::string_view name);
/// For a wake-up that only one instance may run.
[[nodiscard]] Result<void> work_alone(postgres::Statements& connection, std::string_view name);

}  // namespace weir::group_state
