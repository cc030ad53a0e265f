// The tables whose changes weir needs published, and of some of them the columns, as deploy/roles.sql has them.
#pragma once

#include "common/postgres/connection.hpp"

#include <string>
#include <vector>

namespace weir::demo {

/// Publishes all of them. Only the owner of the tables may. Again it changes nothing.
[[nodiscard]] Result<void> publish_tables(postgres::Connection& owner);

/// The names of the tables that are published whole.
[[nodiscard]] std::vector<std::string> published_tables();

}  // namespace weir::demo
