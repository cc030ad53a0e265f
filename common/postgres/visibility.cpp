#include "common/postgres/visibility.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weir::postgres {

namespace {

/// $3: whether it is enough to read some rows.
const std::string kHidden = R"(
SELECT n.nspname, c.relname, current_user::text
  FROM unnest($1, $2) wanted (schema, name)
  JOIN pg_namespace n ON n.nspname = wanted.schema
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
 CROSS JOIN LATERAL (
         SELECT coalesce(bool_or(p.polpermissive), false) AS reads_some,
                coalesce(bool_or(p.polpermissive AND pg_get_expr(p.polqual, p.polrelid) = 'true') AND bool_and(p.polpermissive), false) AS reads_all
           FROM pg_policy p
          WHERE p.polrelid = c.oid AND p.polcmd IN ('r', '*')
            AND EXISTS (SELECT FROM unnest(p.polroles) role WHERE CASE role WHEN 0 THEN true ELSE pg_has_role(role, 'USAGE') END)) policies
 WHERE row_security_active(c.oid)
   AND (current_setting('row_security') = 'off' OR NOT CASE WHEN $3 THEN reads_some ELSE reads_all END)
 ORDER BY 1, 2)";

}  // namespace

Result<void> require_visible(Statements& connection, const std::vector<TableName>& tables, Sight sight) {
  const TableNames names(tables);
  const auto rows = WEIR_TRY(
      connection.query("require_visible", kHidden, Params().add_array(names.schemas).add_array(names.tables).add(sight == Sight::kSome)));
  if (rows.empty()) return {};
  std::vector<std::string> hidden;
  for (std::size_t i = 0; i < rows.size(); ++i)
    hidden.push_back(TableName{rows[i].get<std::string>(0), rows[i].get<std::string>(1)}.text());
  return fail(
      FaultKind::kPgRefused,
      fmt::format("row security hides rows of {} from the role {}", fmt::join(hidden, ", "), rows[0].get<std::string>(2)),
      "connect as the role of this process, for a command as weir_operator (docs/data.md lists them), or make a policy for this one");
}

}  // namespace weir::postgres
