// weir where nobody is a superuser, as on a managed Postgres: the owner of the database may create roles and no more. docs/operator.md's
// way is gone from the first migration to rows of rollups, and commands that would see nothing as the owner say so.
#include "common/core/await.hpp"
#include "common/postgres/connection.hpp"
#include "tests/component/operations/program.hpp"
#include "tests/support/ports.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weir;
using testing::run_weir;

namespace {

constexpr Milliseconds kPatience{120'000};
constexpr const char* kOrganization = "a0000000-0000-4000-8000-000000000000";
constexpr const char* kAgent = "a0000000-0000-4000-8000-00000000000a";

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The database `app`, which belongs to the role app_owner, and what both of its tests find there: weir installed by that role.
struct Managed {
  Managed() {
    provider("CREATE ROLE app_owner LOGIN CREATEROLE");
    provider("CREATE DATABASE app OWNER app_owner");
    migrated = run_weir({"migrate", "up"}, environment("app_owner"));
  }

  [[nodiscard]] static std::string dsn(const std::string& role) { return testing::postgres().dsn("app", role); }
  [[nodiscard]] static postgres::Connection connect(const std::string& dsn) {
    postgres::Settings settings;
    settings.dsn = dsn;
    return postgres::Connection::open(settings).value();
  }
  /// As the superuser of the server, in its own database.
  static void provider(const std::string& sql) {
    const auto done = connect(testing::postgres().dsn()).script(sql);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().line()));
  }
  /// As a superuser in the database: what applications write, and what a test looks at.
  static std::string value(const std::string& sql) {
    const auto rows = connect(dsn("weir")).script(sql);
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
    return rows->empty() ? "" : std::string((*rows)[0].text(0));
  }

  [[nodiscard]] static std::map<std::string, std::string> environment(const std::string& role) {
    std::map<std::string, std::string> all{{"WEIR_POSTGRES_DSN", dsn(role)},
                                           {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()},
                                           {"WEIR_ENCRYPTION_MASTER_KEY_FILE", testing::scratch() / "owner_master.key"},
                                           {"WEIR_HTTP_LISTEN", "127.0.0.1:" + std::to_string(local::free_port().value())},
                                           {"WEIR_LOG_FORMAT", "text"}};
    const std::vector<std::pair<std::string, std::string>> own{{"CDC", "cdc"},
                                                               {"GATEWAY", "gateway"},
                                                               {"CONSUMERS_ROLLUPS", "rollups"},
                                                               {"CONSUMERS_SCORING", "scoring"},
                                                               {"AUDIT", "sealer"},
                                                               {"CONSUMERS_INSIGHTS", "insights"},
                                                               {"CONSUMERS_NOTIFICATIONS", "notifications"}};
    for (const auto& [section, process] : own) all["WEIR_" + section + "_DSN"] = dsn("weir_" + process);
    return all;
  }

  [[nodiscard]] static std::string run_roles() {
    supervise::Command psql;
    psql.arguments = {testing::postgres().program("psql"),
                      "--no-psqlrc",
                      "--set",
                      "password=p",
                      "--file",
                      testing::source_directory() / "deploy/roles.sql",
                      dsn("app_owner")};
    psql.output = testing::scratch() / "roles.log";
    const auto ran = supervise::run(testing::guardian(), psql, kPatience);
    return ran ? "" : ran.error().line();
  }

  testing::Said migrated;
};

const Managed& managed() {
  static const Managed site;
  return site;
}

/// What docs/operator.md has an operator do between the roles and the start.
void prepare(const std::map<std::string, std::string>& environment) {
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--config", testing::source_directory() / "deploy/weir.yaml"});
    const testing::Said said = run_weir(words, environment);
    CHECK_MESSAGE(said.exit_code == 0, words.front(), ' ', words[1], ": ", said.out, said.err);
    return said.out;
  };
  run({"topics", "apply"});
  Managed::value("INSERT INTO public.organizations (id, name) VALUES ('" + std::string(kOrganization) + "', 'A')");
  CHECK(has(run({"keys", "init"}), "1 organizations have a key now"));
  run({"instruments", "load"});
  run({"achievements", "load"});
  run({"check"});
  CHECK(!run({"keys", "create", "--organization", kOrganization}).empty());
}

bool becomes(const std::string& sql, const std::string& wanted) {
  return await(kPatience, [&] { return Managed::value(sql) == wanted; });
}

}  // namespace

TEST_CASE("an owner who is no superuser installs weir, and the only step of somebody else is the one that weir migrate prints") {
  const testing::Said& migrated = managed().migrated;
  REQUIRE_MESSAGE(migrated.exit_code == 0, migrated.err);
  CHECK(has(migrated.err, "ALTER ROLE weir_cdc REPLICATION\n"));
  CHECK(Managed::value("SELECT count(*) FROM pg_roles WHERE NOT rolsuper AND (rolbypassrls OR rolreplication)") == "0");
  CHECK(Managed::value("SELECT string_agg(roleid::regrole::text, ',') FROM pg_auth_members WHERE member = 'app_owner'::regrole") == "");
  CHECK(Managed::value("SELECT bool_or(has_schema_privilege(r, s, 'CREATE')) FROM unnest('{weir_reader,weir_audit_writer}'::name[]) r, "
                       "unnest('{public,weir}'::name[]) s") == "f");

  CHECK(Managed::run_roles() == "");
  Managed::provider("ALTER ROLE weir_cdc REPLICATION");
  CHECK(Managed::run_roles() == "");  // again, now that only a superuser may change the role
  CHECK(run_weir({"migrate", "up"}, Managed::environment("app_owner")).out == "nothing to apply: the database is up to date\n");

  auto environment = Managed::environment("weir_operator");
  environment["WEIR_CONSUMERS_ROLLUPS_IDLE_TIMEOUT"] = "1s";
  environment["WEIR_CONSUMERS_ROLLUPS_ALLOWED_LATENESS"] = "0s";
  prepare(environment);
  // What was there before weir cdc began comes with its snapshot, under row security.
  const std::string agent = kAgent;
  Managed::value("INSERT INTO public.agent_instances (id, organization_id, name, agent_type, status) VALUES ('" + agent + "', '" +
                 kOrganization + "', 'a', 'k', 'idle')");
  const std::string execution =
      "INSERT INTO public.agent_executions (organization_id, agent_id, task_type, status, completed_at, "
      "execution_time_ms) VALUES ('" +
      std::string(kOrganization) + "', '" + agent + "', 't', 'completed', now() - interval '10 minutes', 5)";
  Managed::value(execution);
  supervise::Command up;
  up.arguments = {testing::weir_executable(),
                  "up",
                  "cdc",
                  "gateway",
                  "rollups",
                  "scoring",
                  "notifications",
                  "insights",
                  "sealer",
                  "--ops-port",
                  std::to_string(testing::free_ports(7)),
                  "--config",
                  testing::source_directory() / "deploy/weir.yaml"};
  up.environment = environment;
  up.output = testing::scratch() / "owner_up.log";
  supervise::Process running = supervise::Process::spawn(testing::guardian(), up).value();
  INFO(testing::content(up.output));
  CHECK(becomes("SELECT coalesce(sum(n), 0)::text FROM weir.outcome_counts WHERE group_id = 'weir.rollups' AND reason = 'snapshot'", "2"));
  Managed::value(execution);
  CHECK(becomes("SELECT coalesce(sum(total_tasks), 0)::text FROM public.agent_metrics", "1"));
  // Nothing comes any more, and the window becomes final all the same.
  CHECK(becomes("SELECT bool_and(is_final)::text FROM public.agent_metrics WHERE total_tasks > 0", "true"));
  CHECK(becomes("SELECT count(*) > 0 FROM weir.audit_chain", "t"));
  CHECK(
      Managed::value("SELECT string_agg(DISTINCT usename, ',') FROM pg_stat_activity WHERE application_name LIKE 'weir %' AND usesysid IN "
                     "(SELECT oid FROM pg_roles WHERE rolsuper OR rolbypassrls)") == "");
  CHECK(running.stop(kPatience).text() == "exit code 0");
}

TEST_CASE("rows that wait in a default partition move into their own for an owner who is no superuser too") {
  REQUIRE(managed().migrated.exit_code == 0);
  Managed::value("INSERT INTO public.organizations (id, name) VALUES ('b0000000-0000-4000-8000-000000000000', 'B')");
  Managed::value(
      "INSERT INTO public.users (id, organization_id, email, role) VALUES ('b0000000-0000-4000-8000-000000000001', "
      "'b0000000-0000-4000-8000-000000000000', 'x@example.org', 'student')");
  Managed::value(
      "INSERT INTO public.user_activity_log (organization_id, user_id, action, occurred_at) VALUES "
      "('b0000000-0000-4000-8000-000000000000', 'b0000000-0000-4000-8000-000000000001', 'x', '2031-05-05')");
  const auto made =
      Managed::connect(Managed::dsn("weir_sealer")).script("SELECT weir.ensure_partition('public.user_activity_log', '2031-05-05')");
  REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().line()));
  CHECK(Managed::value("SELECT count(*) FROM public.user_activity_log_203105") == "1");
}

TEST_CASE("an owner who is no superuser asks what a user could do to a table, as a superuser does, and joins no role by it") {
  REQUIRE(managed().migrated.exit_code == 0);
  Managed::value("INSERT INTO public.organizations (id, name) VALUES ('d0000000-0000-4000-8000-000000000000', 'D')");
  const std::string asked =
      "SELECT string_agg(concat_ws(' ', operation, own_rows, foreign_rows, answer), ', ') FROM test_rls_policies('{}', "
      "'d0000000-0000-4000-8000-000000000001', 'd0000000-0000-4000-8000-000000000000', 'student')";
  auto owner = Managed::connect(Managed::dsn("app_owner"));
  for (const std::string table : {"organizations", "dashboards"}) {
    const std::string sql = std::string(asked).replace(asked.find("{}"), 2, table);
    const auto answers = owner.script(sql);
    REQUIRE_MESSAGE(answers.has_value(), (answers ? "" : answers.error().line()));
    const std::string said((*answers)[0].text(0));
    CHECK_MESSAGE(has(said, table == "organizations" ? "select 1 0 done" : "select 0 0 done"), said);
    if (table == "dashboards") CHECK(said == Managed::value(sql));
  }
  CHECK(Managed::value("SELECT count(*) FROM pg_auth_members WHERE member = 'app_owner'::regrole") == "0");
}

TEST_CASE("a command that row security would show nothing to ends with 77 and says so") {
  REQUIRE(managed().migrated.exit_code == 0);
  Managed::value("INSERT INTO public.organizations (id, name) VALUES ('c0000000-0000-4000-8000-000000000000', 'C')");
  const std::string organization = "c0000000-0000-4000-8000-000000000000";
  const std::string row = "c0000000-0000-4000-8000-000000000001";
  auto environment = Managed::environment("app_owner");
  for (auto& [name, value] : environment) {
    if (name.ends_with("_DSN")) value = Managed::dsn("app_owner");
  }
  const std::vector<std::vector<std::string>> blind{
      {"keys", "list"},
      {"keys", "create", "--organization", organization},
      {"keys", "revoke", "weir_Ab3dE6g"},
      {"keys", "init"},
      {"keys", "status"},
      {"keys", "rotate"},
      {"keys", "rotate", "--organization", organization},
      {"keys", "reencrypt"},
      {"keys", "encrypt", "--table", "public.connectors", "--column", "credentials_encrypted", "--row", row},
      {"audit", "verify"},
      {"audit", "retain", "--older-than", "1d", "--why", "test"},
      {"audit", "erase", "--organization", organization, "--rows", "1", "--why", "test"},
      {"export", "rollups", "--from", "2026-11-01", "--to", "2026-11-02"},
      {"instruments", "load"},
      {"instruments", "list"},
      {"achievements", "load"},
      {"templates", "check"},
      {"templates", "render", "task.completed"},
      {"limits", "explain", row},
      {"notifications", "list"},
      {"notifications", "why", row},
      {"notifications", "show", row},
      {"notifications", "cancel", row, "--why", "test"},
      {"notifications", "resend", row, "--why", "test"},
      {"notifications", "test", "task.completed", row},
      {"notifications", "destination", "add", row, "email", "x@example.org"},
      {"notifications", "destination", "rotate-secret", row},
      {"scoring", "recompute", "--all"},
      {"insights", "preview", row, "--no-send"},
  };
  for (const std::vector<std::string>& words : blind) {
    const testing::Said said = run_weir(words, environment);
    std::string line;
    for (const std::string& word : words) line += word + ' ';
    CAPTURE(line);
    CHECK(said.exit_code == 77);
    CHECK_MESSAGE(has(said.err, "row security hides rows of public."), said.out, said.err);
  }
}
