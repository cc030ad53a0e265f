#include "common/postgres/visibility.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weir::postgres {

namespace {

const std::string kHidden = R"(
SELECT n.nspname, c.relname, current_user::text
  FROM unnest($1, $2) wanted (schema, name)
  JOIN pg_namespace n ON n.nspname = wanted.schema
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
 WHERE row_security_active(c.oid)
   AND (current_setting('row_security') = 'off'
        OR NOT EXISTS (SELECT FROM pg_policy p, unnest(p.polroles) role
                        WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd IN ('r', '*')
                          AND CASE role WHEN 0 THEN true ELSE pg_has_role(role, 'USAGE') END))
 ORDER BY 1, 2)";

}  // namespace

Result<void> require_visible(Statements& connection, const std::vector<TableName>& tables) {
  const TableNames names(tables);
  const auto rows = WEIR_TRY(connection.query("require_visible", kHidden, Params().add_array(names.schemas).add_array(names.tables)));
  if (rows.empty()) return {};
  std::vector<std::string> hidden;
  for (std::size_t i = 0; i < rows.size(); ++i)
    hidden.push_back(TableName{rows[i].get<std::string>(0), rows[i].get<std::string>(1)}.text());
  return fail(FaultKind::kPgRefused,
              fmt::format("row security shows nothing of {} to the role {}", fmt::join(hidden, ", "), rows[0].get<std::string>(2)),
              "connect as the role of this process (docs/data.md lists them), or make a policy for this one");
}

}  // namespace weir::postgres
