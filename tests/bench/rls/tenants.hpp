// Many organizations with executions of their agents, for measuring what row security costs.
#pragma once

#include "common/postgres/connection.hpp"

#include <cstdint>
#include <string>

namespace weir::bench {

struct Tenants {
  std::int64_t organizations = 200;
  std::int64_t executions = 1'000'000;  // over all organizations, evenly
};

/// Makes them in an empty database with all migrations, and lets Postgres look at what it has.
void fill(postgres::Connection& connection, const Tenants& tenants);

/// Who is of the organization in the middle, as SQL literals.
[[nodiscard]] std::string organization(const Tenants& tenants);
[[nodiscard]] std::string agent(const Tenants& tenants);
/// 1 admin, 2 teacher, 3 professional, from 4 on students.
[[nodiscard]] std::string user(const Tenants& tenants, int number);

}  // namespace weir::bench
