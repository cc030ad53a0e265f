// A libpq connection string or URI, read without connecting.
#pragma once

#include <map>
#include <string>

namespace weir::postgres {

/// What it states, by libpq's names ("host", "sslmode"); empty where it cannot be read (connecting will tell what is wrong with it).
[[nodiscard]] std::map<std::string, std::string> dsn_options(const std::string& dsn);

}  // namespace weir::postgres
