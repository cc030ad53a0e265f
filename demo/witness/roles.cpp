#include "demo/witness/roles.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weir::demo {

std::string Roles::line() const {
  std::vector<std::string> parts;
  for (const auto& [process, role] : of_process) parts.push_back(fmt::format("{} is {}", process, role));
  return fmt::format("roles: {}; {}", fmt::join(parts, ", "),
                     superusers.empty() ? "no superuser" : fmt::format("superusers: {}", fmt::join(superusers, ", ")));
}

Result<Roles> roles_at_work(SqlSession& session, const std::vector<std::string>& processes) {
  const pqxx::result rows = WEIR_TRY(session.ask(R"sql(
SELECT DISTINCT p.name, r.rolname::text, r.rolsuper
  FROM unnest($1::text[]) p (name)
  JOIN pg_stat_activity a ON a.application_name = 'weir ' || p.name AND a.datname = current_database()
  JOIN pg_roles r ON r.oid = a.usesysid
 ORDER BY 1, 2)sql",
                                                 {Parameter::array(processes)}));
  Roles roles;
  for (const auto& row : rows) {
    const auto process = row[0].as<std::string>();
    const auto role = row[1].as<std::string>();
    roles.of_process[process] = role;
    if (row[2].as<bool>()) roles.superusers.push_back(fmt::format("{} as {}", process, role));
  }
  return roles;
}

}  // namespace weir::demo
