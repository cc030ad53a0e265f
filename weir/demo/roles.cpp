#include "weir/demo/roles.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weir::demo {

std::string Roles::line() const {
  std::vector<std::string> parts;
  for (const auto& [process, role] : of_process) parts.push_back(fmt::format("{} is {}", process, role));
  return fmt::format("roles: {}; {}", fmt::join(parts, ", "),
                     superusers.empty() ? "no superuser" : fmt::format("superusers: {}", fmt::join(superusers, ", ")));
}

Result<Roles> roles_at_work(postgres::Connection& connection, const std::vector<std::string>& processes) {
  const auto rows = WEIR_TRY(connection.query("demo_roles",
                                              "SELECT DISTINCT p.name, r.rolname::text, r.rolsuper FROM unnest($1) p (name) JOIN "
                                              "pg_stat_activity a ON a.application_name = 'weir ' || p.name AND a.datname = "
                                              "current_database() JOIN pg_roles r ON r.oid = a.usesysid ORDER BY 1, 2",
                                              postgres::Params().add_array(processes)));
  Roles roles;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string process = rows[i].get<std::string>(0);
    const std::string role = rows[i].get<std::string>(1);
    roles.of_process[process] = role;
    if (rows[i].get<bool>(2)) roles.superusers.push_back(fmt::format("{} as {}", process, role));
  }
  return roles;
}

}  // namespace weir::demo
