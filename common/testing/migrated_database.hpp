// Databases with the schema of this release. To migrate takes longer than most tests do, so that one database a test program is migrated
// and every test has a copy of it.
#pragma once

#include <string>

namespace weir::testing {

/// A new database that nothing was written to since it was migrated: its connection string.
[[nodiscard]] std::string migrated_database();
/// A copy of a database that one of these functions made, and to which nobody is connected any more: its connection string.
[[nodiscard]] std::string copied_database(const std::string& dsn);

}  // namespace weir::testing
