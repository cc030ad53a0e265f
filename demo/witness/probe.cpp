#include "demo/witness/probe.hpp"

#include <fmt/format.h>

#include <array>

namespace weir::demo {

namespace {

constexpr std::array<std::string_view, 4> kRoles{"admin", "teacher", "student", "professional"};

struct Table {
  std::string name;
  std::string settable;  // a column that tenants may update, here to the value that it has; empty: none
};

/// Reads the catalogue before the role is changed. Tables that tenants may not read at all are left out.
Result<std::vector<Table>> tables_of_tenants(SqlSession& session) {
  const pqxx::result rows = WEIR_TRY(session.ask(R"sql(
SELECT c.oid::regclass::text,
       coalesce((SELECT min(quote_ident(a.attname)) FROM pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                    AND has_column_privilege('authenticated', c.oid, a.attnum, 'UPDATE')
                    AND has_column_privilege('authenticated', c.oid, a.attnum, 'SELECT')), '')
  FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'organization_id'
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND has_column_privilege('authenticated', c.oid, t.attnum, 'SELECT')
 ORDER BY 1)sql"));
  std::vector<Table> tables;
  for (const auto& row : rows) tables.push_back({row[0].as<std::string>(), row[1].as<std::string>()});
  return tables;
}

void become(pqxx::transaction_base& transaction, const Uuid& organization, const Uuid& user, std::string_view role) {
  execute(transaction, "SELECT set_config('request.jwt.claims', $1, true), set_config('role', 'authenticated', true)",
          {fmt::format(R"({{"sub":"{}","organization_id":"{}","user_role":"{}"}})", user.text(), organization.text(), role)});
}

void ask(pqxx::transaction_base& transaction, const Table& table, const Uuid& organization, std::string_view role, Probe& probe) {
  const std::string own = fmt::format("'{}'", organization.text());
  const pqxx::result seen = transaction.exec(fmt::format(
      "SELECT count(*) FILTER (WHERE organization_id = {0}), count(*) FILTER (WHERE organization_id <> {0}) FROM {1}", own, table.name));
  probe.own_rows += seen[0][0].as<std::int64_t>();
  ++probe.questions;
  const auto note = [&](std::int64_t rows, std::string_view what) {
    if (rows == 0) return;
    probe.leaks.push_back(fmt::format("a role {} of {} {} {} rows of others in {}", role, organization.text(), what, rows, table.name));
  };
  note(seen[0][1].as<std::int64_t>(), "sees");
  if (table.settable.empty()) return;
  const pqxx::result changed =
      transaction.exec(fmt::format("UPDATE {0} SET {1} = {1} WHERE organization_id <> {2}", table.name, table.settable, own));
  note(static_cast<std::int64_t>(changed.affected_rows()), "changes");
}

Result<void> ask_all(SqlSession& session, const std::vector<Table>& tables, const Uuid& organization, const Uuid& user, Probe& probe) {
  for (const std::string_view role : kRoles) {
    WEIR_TRY(session.discarded([&](pqxx::transaction_base& transaction) {
      become(transaction, organization, user, role);
      for (const Table& table : tables) ask(transaction, table, organization, role, probe);
    }));
  }
  return {};
}

}  // namespace

std::string Probe::line() const {
  return fmt::format("probed: {} questions as tenants over {} tables, {} rows of their own, {} of others", questions, tables, own_rows,
                     leaks.empty() ? "0" : "some");
}

Result<Probe> probe_tenants(SqlSession& session, const std::vector<Uuid>& organizations) {
  Probe probe;
  const auto tables = WEIR_TRY(tables_of_tenants(session));
  probe.tables = static_cast<std::int64_t>(tables.size());
  for (const Uuid& organization : organizations) {
    const pqxx::result users =
        WEIR_TRY(session.ask("SELECT id FROM public.users WHERE organization_id = $1 ORDER BY id LIMIT 1", {organization}));
    const std::optional<Uuid> user = users.empty() ? std::nullopt : Uuid::parse(users[0][0].c_str());
    WEIR_TRY(ask_all(session, tables, organization, user.value_or(Uuid::random()), probe));
  }
  if (probe.own_rows == 0) return fail(FaultKind::kData, "the probe saw no row at all", "tenants should see their own");
  return probe;
}

}  // namespace weir::demo
