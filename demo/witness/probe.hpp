// What the demo asks at its end as tenants do: each role of each organization reads every table that tenants may read, and tries to change
// rows that are not its own. No row of another organization may be seen or changed.
#pragma once

#include "common/core/result.hpp"
#include "common/core/uuid.hpp"
#include "demo/clients/sql_session.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weir::demo {

struct Probe {
  std::int64_t tables = 0;
  std::int64_t questions = 0;      // a table asked by a role of an organization
  std::int64_t own_rows = 0;       // rows of their own that roles saw; 0 would mean that the probe asked nothing
  std::vector<std::string> leaks;  // "a teacher of … sees 3 rows of others in public.dashboards"
  /// "probed: N questions as tenants over N tables, N rows of their own, 0 of others"
  [[nodiscard]] std::string line() const;
};

/// `session` must be able to become `authenticated`. Everything that is tried is rolled back.
[[nodiscard]] Result<Probe> probe_tenants(SqlSession& session, const std::vector<Uuid>& organizations);

}  // namespace weir::demo
