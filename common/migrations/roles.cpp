#include "common/migrations/roles.hpp"

#include <fmt/format.h>

namespace weir::migrations {

namespace {

// Nothing is locked where nothing is missing. The lock orders the migrations of all databases of the cluster, since advisory locks are of
// one database; only a superuser can take it, and two owners at once get an error and try again. REPLICATION is a superuser's to give
// before PostgreSQL 16.
constexpr const char* kMake = R"(
DO $$
DECLARE
  wanted CONSTANT text[] := '{
    {anon,               NOLOGIN NOINHERIT},
    {authenticated,      NOLOGIN NOINHERIT},
    {analyst,            NOLOGIN},
    {weir_reader,        NOLOGIN},
    {weir_audit_writer,  NOLOGIN},
    {weir_consumer,      NOLOGIN},
    {weir_cdc,           LOGIN},
    {weir_gateway,       LOGIN NOINHERIT},
    {weir_rollups,       LOGIN},
    {weir_scoring,       LOGIN},
    {weir_notifications, LOGIN},
    {weir_insights,      LOGIN},
    {weir_files,         LOGIN},
    {weir_sealer,        LOGIN},
    {weir_operator,      LOGIN}}';
  members CONSTANT text[] := '{
    {weir_consumer, weir_rollups}, {weir_consumer, weir_scoring}, {weir_consumer, weir_notifications}, {weir_consumer, weir_insights},
    {weir_consumer, weir_files}, {anon, weir_gateway}, {authenticated, weir_gateway}}';
  pair text[];
BEGIN
  IF (SELECT count(*) FROM pg_roles WHERE rolname = ANY (wanted[:][1:1])) < array_length(wanted, 1)
     AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;
  END IF;
  FOREACH pair SLICE 1 IN ARRAY wanted LOOP
    CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = pair[1]);
    EXECUTE format('CREATE ROLE %I %s', pair[1], pair[2]);
    EXECUTE format('COMMENT ON ROLE %I IS %L', pair[1], 'Made by weir migrate.');
    IF pair[1] = 'weir_cdc' THEN
      BEGIN
        ALTER ROLE weir_cdc REPLICATION;
      EXCEPTION WHEN insufficient_privilege THEN NULL;
      END;
    END IF;
  END LOOP;
  -- Asked of the catalogue: a superuser is a member of every role, whatever was granted.
  FOREACH pair SLICE 1 IN ARRAY members LOOP
    CONTINUE WHEN EXISTS (SELECT FROM pg_auth_members WHERE roleid = pair[1]::regrole AND member = pair[2]::regrole);
    EXECUTE format('GRANT %I TO %I', pair[1], pair[2]);
  END LOOP;
END $$;
)";

/// The roles that an owner lacks who is no superuser: nothing for a superuser, who is a member of every role.
constexpr const char* kLacking = R"(
SELECT role
  FROM unnest('{weir_reader, weir_audit_writer, weir_operator}'::text[]) AS role
 WHERE NOT pg_has_role(role, 'USAGE'))";

constexpr const char* kOwnersOfFunctions = "CREATE ON SCHEMA public, weir";

}  // namespace

Result<void> make_roles(postgres::Connection& connection) {
  const auto made = connection.script(kMake);
  if (made) return {};
  Fault fault = made.error();
  if (fault.kind == FaultKind::kPgRefused) {
    fault.hint = "run weir migrate as the owner of the database with the right to create roles: ALTER ROLE … CREATEROLE";
  }
  return fail(std::move(fault));
}

Result<BorrowedRoles> BorrowedRoles::borrow(postgres::Connection& connection) {
  const auto lacking = WEIR_TRY(connection.query("migrate_lacking_roles", kLacking));
  std::string roles;
  for (std::size_t i = 0; i < lacking.size(); ++i) roles += (i == 0 ? "" : ", ") + lacking[i].get<std::string>(0);
  BorrowedRoles borrowed(connection, roles);
  if (roles.empty()) return borrowed;
  WEIR_TRY(
      connection.script(fmt::format("GRANT {} TO CURRENT_USER; GRANT {} TO weir_reader, weir_audit_writer", roles, kOwnersOfFunctions)));
  return borrowed;
}

BorrowedRoles::~BorrowedRoles() {
  if (connection_ == nullptr || roles_.empty() || !connection_->usable()) return;
  // A superuser takes back what a session left lent that was lost: REVOKE … FROM the owner.
  static_cast<void>(connection_->script(
      fmt::format("REVOKE {} FROM weir_reader, weir_audit_writer; REVOKE {} FROM CURRENT_USER", kOwnersOfFunctions, roles_)));
}

Result<std::optional<std::string>> provider_step(postgres::Connection& connection) {
  const auto rows = WEIR_TRY(
      connection.query("migrate_provider_step", "SELECT FROM pg_roles WHERE rolname = 'weir_cdc' AND NOT (rolreplication OR rolsuper)"));
  if (rows.empty()) return std::optional<std::string>();
  return std::optional<std::string>("ALTER ROLE weir_cdc REPLICATION");
}

}  // namespace weir::migrations
