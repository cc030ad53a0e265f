#include "operations/commands/check_role.hpp"

#include "common/postgres/visibility.hpp"

#include <fmt/format.h>

namespace weir::operations {

namespace {

using process::failed;
using process::fine;
using process::warn;

/// $1: the tables that the role has to write. Those that it may not, or that are not there, in one text.
const std::string kRole = R"(
SELECT r.rolname::text, r.rolsuper,
       (SELECT string_agg(t.name, ', ' ORDER BY t.name)
          FROM unnest($1::text[]) AS t (name)
         WHERE NOT coalesce(has_table_privilege(to_regclass(t.name), 'INSERT') AND has_table_privilege(to_regclass(t.name), 'UPDATE'), false))
  FROM pg_roles r
 WHERE r.rolname = current_user)";

std::vector<std::string> results_of(const process::Component* component) {
  std::vector<std::string> tables;
  if (component == nullptr) return tables;
  for (const process::TableRow& row : component->declaration.tables) {
    if (row.use == process::TableUse::kWrites) tables.push_back(row.name);
  }
  return tables;
}

}  // namespace

process::Finding check_role(postgres::Connection& connection, const std::string& key, const process::Component* component) {
  postgres::Params params;
  params.add_array(results_of(component));
  const auto answer = connection.query("check_role", kRole, params);
  if (!answer) return failed(key, answer.error());
  const auto row = (*answer)[0];
  const std::string who = row.get<std::string>(0);
  if (!row.is_null(2)) {
    return failed(key, FaultKind::kPgRefused, fmt::format("connects as {}, which may not write {}", who, row.text(2)),
                  fmt::format("run weir migrate up, and connect as {}", component->declaration.role));
  }
  std::vector<postgres::TableName> results;
  for (const std::string& table : results_of(component)) results.push_back(postgres::TableName::parse(table));
  if (const auto visible = postgres::require_visible(connection, results); !visible) return failed(key, visible.error());
  if (row.get<bool>(1)) {
    return warn(key, fmt::format("connects as {}, a superuser", who), "docs/data.md names the role that it needs");
  }
  return fine(key, fmt::format("connects as {}", who));
}

}  // namespace weir::operations
