#include "common/postgres/visibility.hpp"

namespace weir::postgres {

Result<void> require_visible(Connection& connection, const std::vector<std::string>& tables) {
  Params params;
  params.add_array(tables);
  const auto rows = WEIR_TRY(connection.query(
      "require_visible",
      "SELECT string_agg(name, ', ' ORDER BY name), current_user FROM unnest($1) name WHERE to_regclass(name) IS NOT NULL AND "
      "row_security_active(to_regclass(name)::oid) AND (current_setting('row_security') = 'off' OR NOT EXISTS (SELECT FROM "
      "pg_policy p, unnest(p.polroles) role WHERE p.polrelid = to_regclass(name) AND p.polpermissive AND p.polcmd IN ('r', '*') "
      "AND CASE role WHEN 0 THEN true ELSE pg_has_role(role, 'USAGE') END))",
      params));
  if (rows[0].is_null(0)) return {};
  return fail(FaultKind::kPgRefused,
              "row security shows nothing of " + rows[0].get<std::string>(0) + " to the role " + rows[0].get<std::string>(1),
              "connect as the role of this process (docs/data.md lists them), or make a policy for this one");
}

}  // namespace weir::postgres
