// What 0036 and 0037 make of tables that have rows: what windows hold, what they may lack, and which change was the last was not kept
// before.
#include "tests/component/migrations/database.hpp"

#include <doctest/doctest.h>

using namespace weir;

namespace {

constexpr int kBefore = 34;
constexpr int kItself = 36;

struct Database : testing::Database {
  Database() { up(kBefore); }
  std::string value(const std::string& sql) {
    const auto rows = connection.script(sql);
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
    return rows->empty() ? "no row" : (*rows)[0].is_null(0) ? "null" : std::string((*rows)[0].text(0));
  }
};

constexpr const char* kRows = R"(
SELECT weir.ensure_partition('public.agent_metrics', now());
INSERT INTO public.agent_metrics (organization_id, agent_id, window_start, total_tasks) VALUES (gen_random_uuid(), gen_random_uuid(), now(), -2);
INSERT INTO public.engagement_rollups (organization_id, action_type, window_start, events) VALUES (gen_random_uuid(), 'click', now(), 1);
INSERT INTO weir.rollup_progress (group_id, closed_until) VALUES ('weir.rollups', now());
INSERT INTO weir.agent_lifetimes (organization_id, agent_id, created_at, commit_lsn, lsn, settled_until)
VALUES (gen_random_uuid(), gen_random_uuid(), now(), 0, 7, now());
INSERT INTO weir.agent_status_history (organization_id, agent_id, status_changed_at, commit_lsn, lsn, status)
VALUES (gen_random_uuid(), gen_random_uuid(), now(), 0, 7, 'idle'))";

/// Letters of executions that lie in the future, in either form, and of what is none.
constexpr const char* kLetters = R"(
INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, partition, record_offset, value, occurred_at, kind, reason, status)
SELECT 'weir.rollups', 'weir.cdc.public.agent_executions', gen_random_uuid(), 0, n, convert_to(value, 'UTF8'), now(), 'rule', reason, status
  FROM (VALUES
    (1, 'too_far_in_future', 'discarded', '{"after": {"id": "00000000-0000-4000-8000-000000000001", "agent_id": "a", "completed_at": "9000-01-01T00:00:00Z"}}'),
    (2, 'too_far_in_future', 'dead',
     '{"payload": {"after": {"id": "00000000-0000-4000-8000-000000000002", "agent_id": "a", "completed_at": null, "updated_at": "9000-01-01T00:00:00Z"}}}'),
    (3, 'too_far_in_future', 'dead', '{"after": {"id": "00000000-0000-4000-8000-000000000003", "agent_id": "a", "completed_at": "2020-01-01T00:00:00Z"}}'),
    (4, 'too_far_in_future', 'resolved', '{"after": {"id": "00000000-0000-4000-8000-000000000004", "agent_id": "a", "completed_at": "9000-01-01T00:00:00Z"}}'),
    (5, 'too_far_in_future', 'dead', '{"after": {"id": "00000000-0000-4000-8000-000000000005", "status_changed_at": "9000-01-01T00:00:00Z", "updated_at": "9000-01-01T00:00:00Z"}}'),
    (6, 'too_far_in_future', 'dead', '{"after": {"id": 17, "agent_id": "a", "completed_at": "9000-01-01T00:00:00Z"}}'),
    (7, 'too_far_in_future', 'dead', '{"after": {"agent_id": "a", "completed_at": "9000-01-01T00:00:00Z"}}'),
    (8, 'too_far_in_future', 'dead', '{"action": "click"'),
    (9, 'too_far_in_future', 'dead', '{"specversion": "1.0"}'),
    (10, 'out_of_domain', 'dead', '{"after": {"id": "00000000-0000-4000-8000-00000000000a", "agent_id": "a", "completed_at": "9000-01-01T00:00:00Z"}}')
  ) AS letter (n, reason, status, value))";

}  // namespace

TEST_CASE("windows that are there when completeness comes are not complete, and nothing is known yet") {
  Database database;
  database.run(kRows);
  database.up(kItself);
  CHECK(database.value("SELECT bool_or(is_complete) FROM public.agent_metrics") == "f");
  CHECK(database.value("SELECT bool_or(e.is_complete) FROM public.engagement_rollups e") == "f");
  CHECK(database.value("SELECT executions_known_from FROM weir.rollup_progress") == "null");
  CHECK(database.value("SELECT source_name || '|' || commit_lsn FROM weir.agent_lifetimes") == "|0");
  database.run("UPDATE weir.rollup_progress SET actions_known_from = now() - interval '1 hour'");
  CHECK(database.value("SELECT bool_and(e.is_complete) FROM public.engagement_rollups e") == "t");
  database.run("INSERT INTO weir.rollup_progress (group_id, actions_known_from) VALUES ('weir.other', now() - interval '2 hours')");
  database.down(kBefore);
  CHECK(database.value("SELECT count(*) FROM public.agent_metrics") == "1");
  CHECK(database.value("SELECT string_agg(group_id, ' ') FROM weir.rollup_progress") == "weir.rollups");
  database.up(kItself);
}

TEST_CASE("executions that were refused as too far in the future are remembered from their letters") {
  Database database;
  database.run(kLetters);
  database.up(kItself);
  CHECK(database.value("SELECT string_agg(right(execution_id::text, 2), ' ' ORDER BY execution_id) FROM weir.diverged_executions") ==
        "01 02");
  CHECK(database.value("SELECT bool_and(organization_id IS NULL AND kept_until = '9001-01-01Z') FROM weir.diverged_executions") == "t");
}

TEST_CASE("executions that are remembered without their change's place stay so, and places go with the tables that keep them") {
  Database database;
  database.up(kItself);
  database.run(
      "INSERT INTO weir.diverged_executions (group_id, execution_id, kept_until) VALUES ('weir.rollups', gen_random_uuid(), now())");
  database.up(kItself + 1);
  CHECK(database.value("SELECT lsn FROM weir.diverged_executions") == "null");
  CHECK(database.value("SELECT refused_by = '' FROM weir.diverged_executions") == "t");
  database.run(R"(
    UPDATE weir.diverged_executions SET source_name = 'weir', source_db = 'app', lsn = 7, refused_by = '0.1.0';
    INSERT INTO weir.superseding_changes (group_id, execution_id, kept_until, source_name, source_db, lsn)
    VALUES ('weir.rollups', gen_random_uuid(), now(), 'weir', 'app', 8))");
  database.down(kItself);
  CHECK(database.value("SELECT count(*) FROM weir.diverged_executions") == "1");
  database.up(kItself + 1);
  CHECK(database.value("SELECT count(*) FROM weir.superseding_changes") == "0");
}
