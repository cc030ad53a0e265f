// The connection of a bench to its own database.
#pragma once

#include "common/postgres/connection.hpp"

#include <string>

namespace weir::bench {

/// With the patience of a migration, since a bench makes and reads tables of millions of rows. Ends the program where it cannot be had.
[[nodiscard]] postgres::Connection connect(const std::string& dsn);

}  // namespace weir::bench
