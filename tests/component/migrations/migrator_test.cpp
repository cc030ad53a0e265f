#include "common/migrations/migrator.hpp"

#include "common/testing/services.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace weir;

namespace {

postgres::Connection connect(const std::string& dsn) {
  postgres::Settings settings;
  settings.dsn = dsn;
  settings.application_name = "weir migrate";
  return postgres::Connection::open(migrations::patient(settings)).value();
}

std::string one_text(postgres::Connection& connection, const std::string& sql) {
  const auto rows = connection.script(sql);
  REQUIRE(rows.has_value());
  return std::string((*rows)[0].text(0));
}

}  // namespace

TEST_CASE("up applies everything once, down takes everything back, and both can be said again") {
  auto connection = connect(testing::fresh_database());
  const std::size_t count = migrations::shipped()->size();
  CHECK(migrations::up(connection)->size() == count);
  CHECK(migrations::up(connection)->empty());
  CHECK(migrations::require_current(connection).has_value());
  CHECK(migrations::down(connection, 0)->size() == count);
  CHECK(migrations::down(connection, 0)->empty());
  CHECK(one_text(connection,
                 R"(
SELECT count(*)
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = relnamespace
 WHERE nspname IN ('public', 'weir') AND relkind IN ('r', 'p', 'v', 'S') AND relname <> 'schema_migrations')") == "0");
  CHECK(migrations::up(connection)->size() == count);
}

TEST_CASE("a database that was never migrated says what to run, and is not written to") {
  auto connection = connect(testing::fresh_database());
  const auto rows = migrations::status(connection).value();
  for (const auto& row : rows) CHECK(row.state == migrations::StatusRow::State::kPending);
  const auto current = migrations::require_current(connection);
  REQUIRE_FALSE(current.has_value());
  CHECK(current.error().message.starts_with("the database lacks migration 0001_runtime, 0002_application"));
  CHECK(current.error().hint == "run weir migrate up");
  CHECK(one_text(connection, "SELECT coalesce(to_regclass('weir.schema_migrations')::text, '')").empty());
}

TEST_CASE("a file that changed since it was applied is an error that says which") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection).has_value());
  REQUIRE(connection.script("UPDATE weir.schema_migrations SET checksum = 'other' WHERE version = 2").has_value());
  const auto again = migrations::up(connection);
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error().message.starts_with("schemas/migrations/0002_application.up.sql is not what was applied on "));
  CHECK(again.error().exit_code() == ExitCode::kData);
}

TEST_CASE("a migration that fails leaves nothing behind, and is named") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(connection.script("CREATE TABLE public.agent_task_queue (x int)").has_value());
  const auto failed = migrations::up(connection);
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().message.starts_with("schemas/migrations/0002_application.up.sql: "));
  CHECK(failed.error().message.find("agent_task_queue") != std::string::npos);
  CHECK(one_text(connection, "SELECT coalesce(to_regclass('public.organizations')::text, '')").empty());
  CHECK(one_text(connection, "SELECT string_agg(version::text, ',') FROM weir.schema_migrations") == "1");
}

TEST_CASE("two at once do the work once") {
  const std::string dsn = testing::fresh_database();
  auto first = connect(dsn);
  auto second = connect(dsn);
  std::size_t done_by_first = 0;
  std::thread other([&] { done_by_first = migrations::up(first).value().size(); });
  const std::size_t done_by_second = migrations::up(second).value().size();
  other.join();
  CHECK(done_by_first + done_by_second == migrations::shipped()->size());
}

TEST_CASE("every table and column of public and weir has a comment") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection).has_value());
  CHECK(one_text(connection, R"(
    SELECT coalesce(string_agg(what, ', '), '') FROM (
      SELECT c.oid::regclass::text || coalesce('.' || a.attname, '') AS what
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN LATERAL (SELECT 0 AS attnum, NULL::name AS attname UNION ALL
                          SELECT attnum, attname FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) a
      WHERE n.nspname IN ('public', 'weir') AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
        AND col_description(c.oid, a.attnum) IS NULL AND (a.attnum > 0 OR obj_description(c.oid, 'pg_class') IS NULL)
    ) missing)")
            .empty());
}

TEST_CASE("tables whose change needs what was before have full replica identity") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection).has_value());
  CHECK(one_text(connection, "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relreplident = 'f' AND relkind = 'r'") ==
        "achievements,activity_completions,agent_executions,agent_instances,agent_task_queue,alerts,assessment_responses,consents,"
        "learning_activities,learning_modules");
}

TEST_CASE("a value out of its domain is written, for the pipeline to judge; a status out of its list is not") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection).has_value());
  const std::string organization = Uuid::random().text();
  REQUIRE(connection.script("INSERT INTO public.organizations (id, name) VALUES ('" + organization + "', 'A')").has_value());
  const auto insert = [&](const std::string& column, const std::string& value) {
    return connection.script("INSERT INTO public.agent_executions (organization_id, agent_id, task_type, " + column + ") VALUES ('" +
                             organization + "', gen_random_uuid(), 't', " + value + ")");
  };
  CHECK(insert("quality_score", "1.7").has_value());
  CHECK(insert("user_rating", "0").has_value());
  CHECK(insert("execution_time_ms", "-1").has_value());
  CHECK(insert("status", "'lost'").error().kind == FaultKind::kPgConstraint);
}

TEST_CASE("updated_at follows a change that does not set it, and stays where one does") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection).has_value());
  REQUIRE(connection.script("INSERT INTO public.organizations (name, updated_at) VALUES ('A', '2020-01-01Z')").has_value());
  CHECK(one_text(connection, "UPDATE public.organizations SET name = 'B' RETURNING updated_at = now()") == "t");
  CHECK(one_text(connection,
                 "UPDATE public.organizations SET name = 'C', updated_at = '2021-01-01Z' RETURNING updated_at = '2021-01-01Z'") == "t");
}
