// The schema that the migrations make: the same whichever way it was come by, and what its triggers and constraints hold.
#include "common/migrations/migrator.hpp"

#include "common/testing/services.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <sstream>

using namespace weir;

namespace {

postgres::Connection connect(const std::string& dsn) {
  postgres::Settings settings;
  settings.dsn = dsn;
  settings.application_name = "weir migrate";
  return postgres::Connection::open(migrations::patient(settings)).value();
}

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

/// The schema as pg_dump writes it, without the lines that differ from run to run.
std::string dump(const std::string& dsn) {
  const auto file = testing::scratch() / "dump.sql";
  std::filesystem::remove(file);
  supervise::Command command;
  command.arguments = {testing::postgres().program("pg_dump"), "--schema-only", "--dbname", dsn};
  command.output = file;
  const auto ran = supervise::run(testing::guardian(), command, std::chrono::minutes{1});
  REQUIRE_MESSAGE(ran.has_value(), (ran ? "" : ran.error().line()));
  std::string schema;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("\\restrict") && !line.starts_with("\\unrestrict")) schema += line + '\n';
  }
  REQUIRE(schema.find("CREATE TABLE weir.schema_migrations") != std::string::npos);
  return schema;
}

std::string value(postgres::Connection& connection, const std::string& sql) {
  const auto rows = connection.script(sql);
  REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
  return rows->empty() ? "" : std::string((*rows)[0].text(0));
}

std::string refusal(postgres::Connection& connection, const std::string& sql) {
  const auto rows = connection.script(sql);
  return rows ? "" : rows.error().message;
}

void fill(postgres::Connection& connection) {
  const auto filled = connection.script(text_of(testing::source_directory() / "tests/component/rls/scene.sql"));
  REQUIRE_MESSAGE(filled.has_value(), (filled ? "" : filled.error().line()));
}

/// What the tables of the first migrations hold, in the columns that these gave them.
std::string kept_rows(postgres::Connection& connection) {
  return value(connection, R"(
    SELECT md5(string_agg(line, E'\n' ORDER BY line)) FROM (
      SELECT 'o' || (id, name, created_at, updated_at)::text AS line FROM public.organizations
      UNION ALL SELECT 'u' || (id, organization_id, email, full_name, role, metadata, updated_at)::text FROM public.users
      UNION ALL SELECT 'k' || (id, organization_id, key_hash)::text FROM public.api_keys
      UNION ALL SELECT 'e' || e::text FROM public.agent_executions e
      UNION ALL SELECT 'i' || i::text FROM public.agent_instances i
      UNION ALL SELECT 't' || (id, organization_id, user_id, status, updated_at)::text FROM public.agent_task_queue
      UNION ALL SELECT 'm' || (to_jsonb(m) - 'is_complete')::text FROM public.agent_metrics m) kept)");
}

}  // namespace

TEST_CASE("each migration's down takes back exactly what its up made, and up makes it again") {
  const std::string dsn = testing::fresh_database();
  auto connection = connect(dsn);
  const auto shipped = migrations::shipped().value();
  std::map<int, std::string> schema;
  int below = 0;
  std::map<int, int> before;
  for (const auto& migration : shipped) {
    REQUIRE(migrations::up(connection, migration.version).has_value());
    schema[migration.version] = dump(dsn);
    before[migration.version] = std::exchange(below, migration.version);
  }
  for (auto migration = shipped.rbegin(); migration + 1 != shipped.rend(); ++migration) {
    CAPTURE(migration->down_path());
    REQUIRE(migrations::down(connection, before[migration->version]).has_value());
    CHECK(dump(dsn) == schema[before[migration->version]]);
  }
  REQUIRE(migrations::down(connection, 0).has_value());
  REQUIRE(migrations::up(connection).has_value());
  CHECK(dump(dsn) == schema.rbegin()->second);
}

TEST_CASE("over data, down and up give the same schema, and what the remaining tables hold stays") {
  const std::string dsn = testing::fresh_database();
  auto connection = connect(dsn);
  REQUIRE(migrations::up(connection).has_value());
  fill(connection);
  const std::string full = dump(dsn);
  const std::string rows = kept_rows(connection);
  REQUIRE(migrations::down(connection, 4).has_value());
  CHECK(kept_rows(connection) == rows);
  REQUIRE(migrations::up(connection).has_value());
  CHECK(kept_rows(connection) == rows);
  CHECK(dump(dsn) == full);
}

TEST_CASE("a bucket of tokens becomes the moment at which it is full, minute and hour in one row, and goes back the same") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection).has_value());
  REQUIRE(migrations::down(connection, 34).has_value());
  REQUIRE(connection.script(R"(
    INSERT INTO weir.rate_limit_buckets VALUES
      ('user:o:u:minute', 4000000, '2026-11-28 10:00:00Z', 10000000, 1000000, NULL),
      ('user:o:u:hour', -30000000, '2026-11-28 10:00:00Z', 250000000, 208333, NULL),
      ('provider:p', 10000000, '2026-11-28 10:00:00Z', 10000000, 1000000, '2026-11-28 10:05:00Z'))"));
  REQUIRE(migrations::up(connection).has_value());
  const std::string buckets = R"(
    SELECT string_agg(concat_ws(' ', key, minute_full_at AT TIME ZONE 'UTC', date_trunc('s', hour_full_at AT TIME ZONE 'UTC'),
                                paused_until AT TIME ZONE 'UTC'), E'\n' ORDER BY key DESC)
      FROM weir.rate_limit_buckets
     WHERE key = 'user:o:u')";
  const std::string user = "user:o:u 2026-11-28 10:00:06 2026-11-28 10:22:24";
  CHECK(value(connection, buckets) == user);
  CHECK(value(connection, "SELECT minute_full_at || ' ' || paused_until FROM weir.rate_limit_buckets WHERE key = 'provider:p'") ==
        value(connection, "SELECT '2026-11-28 10:00:00Z'::timestamptz || ' ' || '2026-11-28 10:05:00Z'::timestamptz"));
  REQUIRE(migrations::down(connection, 34).has_value());
  CHECK(value(connection, "SELECT tokens_micro || ' ' || refilled_at FROM weir.rate_limit_buckets WHERE key = 'user:o:u:minute'") ==
        value(connection, "SELECT '10000000 ' || '2026-11-28 10:00:06Z'::timestamptz"));
  REQUIRE(migrations::up(connection).has_value());
  CHECK(value(connection, buckets) == user);
}

TEST_CASE("a letter and an accepted gap from before parking keep what they have, forth and back") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection, 34).has_value());
  REQUIRE(connection.script(R"(
    INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, partition, record_offset, headers, occurred_at, kind, reason, status, updated_at)
    SELECT 'g', 't', gen_random_uuid(), 0, n, '[["name", "a?b"]]', '2026-01-01Z', 'rule', 'too_old', status, '2026-02-02Z'
      FROM unnest('{dead,resolved,discarded}'::text[]) WITH ORDINALITY s (status, n);
    INSERT INTO weir.offset_gaps (group_id, topic, partition, kind, next_offset, log_begin, log_end, accepted_at, accepted_by, reason)
    VALUES ('g', 't', 0, 'below_log_start', 100, 130, 200, '2026-03-03Z', 'kim', 'too short'), ('g', 't', 1, 'above_log_end', 9, 0, 5, NULL, NULL, NULL),
           ('g', 'u', 0, 'log_truncated', 9, 0, 5, '2026-03-04Z', '', NULL))"));
  const std::string letters = "SELECT md5(string_agg((id, headers, status, updated_at)::text, ' ' ORDER BY id)) FROM weir.dead_letters";
  const std::string gaps =
      "SELECT string_agg(concat_ws(' ', id, accepted_at::date, accepted_by, reason), ', ' ORDER BY id) FROM weir.offset_gaps";
  const std::string letters_before = value(connection, letters);
  REQUIRE(migrations::up(connection).has_value());
  CHECK(value(connection, letters) == letters_before);
  CHECK(value(connection,
              R"(
SELECT string_agg(concat_ws(' ', status, resolved_at::date), ', ' ORDER BY id)
  FROM weir.dead_letters
 WHERE organization_id IS NULL AND raw_headers IS NULL)") == "dead, resolved 2026-02-02, discarded 2026-02-02");
  CHECK(value(connection, R"(
    SELECT string_agg(concat_ws(' ', g.id, a.acted_at::date, a.acted_by, a.command, a.filter ->> 'kind', a.counts ->> 'lost', a.why), ', ' ORDER BY g.id)
      FROM weir.offset_gaps g LEFT JOIN weir.operator_actions a ON a.id = g.action_id)") ==
        "1 2026-03-03 kim offsets accept-gap below_log_start 30 too short, 2, 3 2026-03-04 not known offsets accept-gap log_truncated 0 "
        "not known");
  REQUIRE(connection.script(R"(
    INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, partition, record_offset, headers, raw_headers, occurred_at, kind, reason)
    VALUES ('g', 't', gen_random_uuid(), 0, 9, '[["n", "?"]]', '{"\\x6e", "\\xff"}', now(), 'rule', 'too_old'))"));
  REQUIRE(migrations::down(connection, 34).has_value());
  CHECK(value(connection, gaps) == "1 2026-03-03 kim too short, 2, 3 2026-03-04 not known not known");
  CHECK(value(connection, "SELECT headers FROM weir.dead_letters WHERE record_offset = 9") == R"([["n", "?"]])");
}

TEST_CASE("what operators did is only appended to, whoever asks") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection).has_value());
  REQUIRE(connection.script("INSERT INTO weir.operator_actions (acted_by, command, why) VALUES ('kim', 'dlq discard', 'a test')"));
  const std::string never = "weir.operator_actions is only appended to";
  CHECK(refusal(connection, "UPDATE weir.operator_actions SET why = 'another'").find(never) != std::string::npos);
  CHECK(refusal(connection, "DELETE FROM weir.operator_actions").find(never) != std::string::npos);
  CHECK(refusal(connection, "TRUNCATE weir.operator_actions CASCADE").find(never) != std::string::npos);
}

TEST_CASE("a change of status moves status_changed_at, and nothing else does") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection).has_value());
  fill(connection);
  // Every change of status must be possible in every row.
  REQUIRE(connection.script("DELETE FROM public.assessment_responses WHERE status = 'in_progress'"));
  const auto tables = value(connection,
                            R"(
SELECT string_agg(attrelid::regclass::text, ' ' ORDER BY 1)
  FROM pg_attribute
 WHERE attname = 'status_changed_at' AND attrelid::regclass::text !~ 'history|_default$')");
  std::istringstream names(tables);
  int checked = 0;
  for (std::string table; names >> table; ++checked) {
    CAPTURE(table);
    const std::string other =
        "(SELECT array_agg(s) FROM (SELECT DISTINCT (regexp_matches(pg_get_constraintdef(oid), '''([a-z_]+)''', 'g'))[1] s "
        "FROM pg_constraint WHERE conrelid = '" +
        table + "'::regclass AND conname ~ '_status_check$') l)";
    REQUIRE(connection.script("ALTER TABLE " + table + " DISABLE TRIGGER USER; UPDATE " + table +
                              " SET status_changed_at = '2020-01-01Z'; ALTER TABLE " + table + " ENABLE TRIGGER USER"));
    CHECK(value(connection, "UPDATE " + table +
                                " SET updated_at = '2021-01-01Z', status_changed_at = now() RETURNING status_changed_at = '2020-01-01Z'") ==
          "t");
    const std::string change = "UPDATE " + table + " t SET status = (SELECT s FROM unnest(" + other +
                               ") s WHERE s <> t.status AND s NOT IN ('scored', 'submitted') LIMIT 1)";
    CHECK(value(connection, change + " RETURNING status_changed_at = now()") == "t");
    CHECK(value(connection, change + ", status_changed_at = '2022-01-01Z' RETURNING status_changed_at = '2022-01-01Z'") == "t");
  }
  CHECK(checked == 10);
}

TEST_CASE("an update that was made from an older version of the row is refused; others raise it by one") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection).has_value());
  fill(connection);
  CHECK(value(connection, "UPDATE public.dashboards SET name = 'x', version = 1 RETURNING version") == "2");
  CHECK(value(connection, "UPDATE public.dashboards SET name = 'y' RETURNING version") == "3");
  const auto stale = connection.script("UPDATE public.dashboards SET name = 'z', version = 2");
  REQUIRE_FALSE(stale.has_value());
  CHECK(stale.error().kind == FaultKind::kPgSerialization);
  CHECK(stale.error().message.find("public.dashboards was changed meanwhile: it has version 3, not 2") != std::string::npos);
}

TEST_CASE("a published assessment, its items and its norms never change") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection).has_value());
  fill(connection);
  const std::string never = "a published assessment never changes";
  for (const char* sql :
       {"UPDATE public.assessments SET title = 'x'", "UPDATE public.assessments SET status = 'draft'", "DELETE FROM public.assessments",
        "UPDATE public.assessment_items SET weight = 2", "DELETE FROM public.assessment_norms",
        R"(
INSERT INTO public.assessment_items (assessment_id, code, text, dimension)
SELECT id, 'i2', 't', 'd'
  FROM public.assessments
 WHERE key = 'library')"}) {
    CAPTURE(sql);
    CHECK(refusal(connection, sql).find(never) != std::string::npos);
  }
  CHECK(refusal(connection, "UPDATE public.assessments SET status = 'retired' WHERE status = 'published'").empty());
  CHECK(refusal(connection,
                "INSERT INTO public.assessments (key, instrument_version, title) VALUES ('k', 1, 'draft'); UPDATE "
                "public.assessments SET title = 'still a draft' WHERE key = 'k'")
            .empty());
}

TEST_CASE("scores that were there before get the time of their submission, and are as they were without it") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection).has_value());
  fill(connection);
  const std::string scores =
      "SELECT md5(string_agg((to_jsonb(s) - 'submitted_at')::text, '' ORDER BY response_id)) FROM public.assessment_scores s";
  const std::string before = value(connection, scores);
  REQUIRE(
      connection.script("UPDATE public.assessment_responses SET submitted_at = '2026-01-02Z' WHERE submitted_at IS NOT NULL; "
                        "UPDATE public.growth_scores SET direction = NULL, updated_at = updated_at"));
  REQUIRE(migrations::down(connection, 39).has_value());
  CHECK(value(connection, scores) == before);
  CHECK(value(connection, "SELECT count(*) FROM public.growth_scores WHERE direction IS NULL") == "0");
  REQUIRE(migrations::up(connection).has_value());
  CHECK(value(connection, scores) == before);
  for (const char* table : {"assessment_scores", "growth_scores", "attachment_profiles"}) {
    CHECK(value(connection, "SELECT bool_and(submitted_at = '2026-01-02Z') FROM public." + std::string(table)) == "t");
  }
}

TEST_CASE("prerequisites of modules form no circle") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection).has_value());
  fill(connection);
  const auto need = [&](int module, int prerequisite) {
    return refusal(connection, "INSERT INTO public.module_prerequisites VALUES (scene.id('a', 0), scene.id('a', " + std::to_string(module) +
                                   "), scene.id('a', " + std::to_string(prerequisite) + "))");
  };
  CHECK(need(202, 201).empty());
  CHECK(need(200, 202).find("would need itself") != std::string::npos);
  CHECK(need(200, 200).find("would need itself") != std::string::npos);
}

TEST_CASE("plaintext is refused where an encrypted value belongs") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection).has_value());
  fill(connection);
  CHECK(refusal(connection, "UPDATE public.assessment_responses SET answers_encrypted = '{\"i1\": 4}'::text::bytea")
            .find("answers_encrypted") != std::string::npos);
  CHECK(refusal(connection, "UPDATE public.connectors SET credentials_encrypted = '{\"password\": \"x\"}'").find("credentials_encrypted") !=
        std::string::npos);
  CHECK(refusal(connection,
                R"(
UPDATE public.connectors
   SET credentials_encrypted = jsonb_build_object('sealed', 'd2UB' || repeat('A', 60), 'password', 'x'))")
            .find("credentials_encrypted") != std::string::npos);
  CHECK(refusal(connection, "UPDATE public.notification_destinations SET address_encrypted = 'someone@example.org'")
            .find("address_encrypted") != std::string::npos);
}

TEST_CASE("no row refers to one of another organization") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection).has_value());
  CHECK(value(connection, R"(
    SELECT coalesce(string_agg(c.conrelid::regclass || '.' || c.conname, ', ' ORDER BY 1), '') FROM pg_constraint c
    WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confrelid <> 'public.organizations'::regclass
      AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.conrelid AND attname = 'organization_id' AND attnotnull)
      AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.confrelid AND attname = 'organization_id' AND attnotnull)
      AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.conrelid AND attname = 'organization_id' AND attnum = ANY (c.conkey)))") ==
        "");
}

TEST_CASE("every foreign key says what a deletion does, and has an index to find its rows by") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection).has_value());
  CHECK(value(connection, "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND confdeltype = 'a'") == "0");
  // Organizations are never deleted while they have rows, so their keys need no index of their own.
  CHECK(value(connection, R"(
    SELECT coalesce(string_agg(c.conrelid::regclass || '.' || c.conname, ', ' ORDER BY 1), '') FROM pg_constraint c
    WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confrelid <> 'public.organizations'::regclass
      AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) ~ '^\(\w+ IS NOT NULL\)$')
                        AND (i.indkey::smallint[])[0:cardinality(c.conkey) - 1] @> c.conkey
                        AND c.conkey @> (i.indkey::smallint[])[0:cardinality(c.conkey) - 1]))") == "");
}

TEST_CASE("rows of a month without a partition wait in the default one, and move when the partition is made") {
  auto connection = connect(testing::fresh_database());
  REQUIRE(migrations::up(connection).has_value());
  fill(connection);
  const std::string rows = value(connection, "SELECT count(*) FROM public.notifications");
  CHECK(value(connection, "SELECT count(*) FROM ONLY public.notifications_default") == rows);
  CHECK(value(connection, "SELECT weir.make_partitions_ahead(1)") == "9");
  CHECK(value(connection, "SELECT weir.make_partitions_ahead(1)") == "0");
  CHECK(value(connection, "SELECT count(*) FROM ONLY public.notifications_default") == "0");
  CHECK(value(connection, "SELECT count(*) FROM public.notifications") == rows);
  CHECK(refusal(connection, "SELECT weir.ensure_partition('public.users', now())").find("is not a table that weir partitions") !=
        std::string::npos);
}

TEST_CASE("a gap of keys in another form goes with the table that tells of forms; gaps of other kinds stay") {
  const std::string dsn = testing::fresh_database();
  auto connection = connect(dsn);
  REQUIRE(migrations::up(connection).has_value());
  REQUIRE(connection.script(R"(
    INSERT INTO weir.source_key_forms (group_id, topic, source_name, source_db, form, refused_form) VALUES ('g', 't', 's', 'd', 'bare', 'wrapped');
    INSERT INTO weir.offset_gaps (group_id, topic, partition, kind, next_offset, log_begin, log_end)
    VALUES ('g', 't', 0, 'key_form_changed', 1, 0, 1), ('g', 't', 1, 'source_rebuilt', 1, 0, 1))"));
  REQUIRE(migrations::down(connection, 41).has_value());
  const std::string kinds = "SELECT string_agg(kind, ' ') FROM weir.offset_gaps";
  CHECK(connection.script(kinds).value()[0].get<std::string>(0) == "source_rebuilt");
  REQUIRE(migrations::up(connection).has_value());
  CHECK(connection.script(kinds).value()[0].get<std::string>(0) == "source_rebuilt");
  CHECK(connection.script("SELECT count(*) FROM weir.source_key_forms").value()[0].get<std::int64_t>(0) == 0);
}

TEST_CASE("a refused wake-up stays when keys come and go, and refused keys go with what tells of them") {
  auto connection = connect(testing::fresh_database());
  const std::string refused = "SELECT string_agg(wakeup || key || reason || tries, ' ' ORDER BY key) FROM weir.refused_wakeups";
  const std::string keyless = "SELECT string_agg(reason || tries, ' ') FROM weir.refused_wakeups";
  REQUIRE(migrations::up(connection, 49).has_value());
  REQUIRE(connection.script(R"(
    INSERT INTO weir.refused_wakeups (group_id, reason, table_name, column_name, constraint_name, tries, next_try)
    VALUES ('g', 'pg_value', '', '', '', 3, now()))"));
  REQUIRE(migrations::up(connection).has_value());
  CHECK(value(connection, refused) == "pg_value3");
  REQUIRE(connection.script(R"(
    INSERT INTO weir.refused_wakeups (group_id, wakeup, key, reason, table_name, column_name, constraint_name, tries, next_try)
    VALUES ('g', 'closing', 'o', 'pg_value', '', '', '', 1, now()))"));
  CHECK(value(connection, refused) == "pg_value3 closingopg_value1");
  CHECK(refusal(connection, "UPDATE weir.refused_wakeups SET wakeup = '' WHERE key = 'o'").find("refused_wakeups_whole_or_key") !=
        std::string::npos);
  REQUIRE(migrations::down(connection, 49).has_value());
  CHECK(value(connection, keyless) == "pg_value3");
  REQUIRE(migrations::up(connection).has_value());
  CHECK(value(connection, refused) == "pg_value3");
}
