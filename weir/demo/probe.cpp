#include "weir/demo/probe.hpp"

#include <fmt/format.h>

#include <array>

namespace weir::demo {

namespace {

constexpr std::array<std::string_view, 4> kRoles{"admin", "teacher", "student", "professional"};

struct Table {
  std::string name;
  std::string settable;  // a column that tenants may set to what it is; empty: none
};

/// With the catalogue before the role is changed: what tenants may not read is no question.
Result<std::vector<Table>> tables_of_tenants(postgres::Connection& connection) {
  const auto rows = WEIR_TRY(connection.query(
      "probe_tables",
      "SELECT c.oid::regclass::text, coalesce((SELECT min(quote_ident(a.attname)) FROM pg_attribute a WHERE a.attrelid = c.oid AND "
      "a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege('authenticated', c.oid, a.attnum, 'UPDATE') AND "
      "has_column_privilege('authenticated', c.oid, a.attnum, 'SELECT')), '') FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid "
      "AND t.attname = 'organization_id' WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT "
      "c.relispartition AND has_column_privilege('authenticated', c.oid, t.attnum, 'SELECT') ORDER BY 1"));
  std::vector<Table> tables;
  for (std::size_t i = 0; i < rows.size(); ++i) tables.push_back({rows[i].get<std::string>(0), rows[i].get<std::string>(1)});
  return tables;
}

Result<void> become(postgres::Connection& connection, const Uuid& organization, const Uuid& user, std::string_view role) {
  postgres::Params params;
  params.add(fmt::format(R"({{"sub":"{}","organization_id":"{}","user_role":"{}"}})", user.text(), organization.text(), role));
  WEIR_TRY(connection.query("probe_become", "SELECT set_config('request.jwt.claims', $1, true), set_config('role', 'authenticated', true)",
                            params));
  return {};
}

Result<void> ask(postgres::Connection& connection, const Table& table, const Uuid& organization, std::string_view role, Probe& probe) {
  const std::string own = fmt::format("'{}'", organization.text());
  const auto seen = WEIR_TRY(connection.script(fmt::format(
      "SELECT count(*) FILTER (WHERE organization_id = {0}), count(*) FILTER (WHERE organization_id <> {0}) FROM {1}", own, table.name)));
  probe.own_rows += seen[0].get<std::int64_t>(0);
  ++probe.questions;
  const auto note = [&](std::int64_t rows, std::string_view what) {
    if (rows == 0) return;
    probe.leaks.push_back(fmt::format("a role {} of {} {} {} rows of others in {}", role, organization.text(), what, rows, table.name));
  };
  note(seen[0].get<std::int64_t>(1), "sees");
  if (table.settable.empty()) return {};
  const auto changed = WEIR_TRY(
      connection.script(fmt::format("WITH r AS (UPDATE {0} SET {1} = {1} WHERE organization_id <> {2} RETURNING 1) SELECT count(*) FROM r",
                                    table.name, table.settable, own)));
  note(changed[0].get<std::int64_t>(0), "changes");
  return {};
}

Result<void> ask_all(postgres::Connection& connection, const std::vector<Table>& tables, const Uuid& organization, const Uuid& user,
                     Probe& probe) {
  for (const std::string_view role : kRoles) {
    WEIR_TRY(connection.begin());
    WEIR_TRY(become(connection, organization, user, role));
    for (const Table& table : tables) WEIR_TRY(ask(connection, table, organization, role, probe));
    WEIR_TRY(connection.rollback());
  }
  return {};
}

}  // namespace

std::string Probe::line() const {
  return fmt::format("probed: {} questions as tenants over {} tables, {} rows of their own, {} of others", questions, tables, own_rows,
                     leaks.empty() ? "0" : "some");
}

Result<Probe> probe_tenants(postgres::Connection& connection, const std::vector<Uuid>& organizations) {
  Probe probe;
  const auto tables = WEIR_TRY(tables_of_tenants(connection));
  probe.tables = static_cast<std::int64_t>(tables.size());
  for (const Uuid& organization : organizations) {
    postgres::Params params;
    params.add(organization);
    const auto users =
        WEIR_TRY(connection.query("probe_user", "SELECT id FROM public.users WHERE organization_id = $1 ORDER BY id LIMIT 1", params));
    WEIR_TRY(ask_all(connection, tables, organization, users.empty() ? Uuid::random() : users[0].get<Uuid>(0), probe));
  }
  if (probe.own_rows == 0) return fail(FaultKind::kData, "the probe saw no row at all", "tenants should see their own");
  return probe;
}

}  // namespace weir::demo
