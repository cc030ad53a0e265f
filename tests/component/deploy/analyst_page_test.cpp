// The views for analysts show the login that docs/operator.md makes its own organization alone. That every query of
// docs/analyst.md runs as that login is for the test of all pages.
#include "common/postgres/connection.hpp"
#include "common/testing/migrated_database.hpp"
#include "common/testing/pages.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>
#include <yaml-cpp/yaml.h>

using namespace weir;

namespace {

constexpr const char* kOrganization = "a0000000-0000-4000-8000-000000000000";

/// Two organizations with an agent, two executions of one window and a letter each; the second execution was refused.
constexpr const char* kScene = R"(
DROP ROLE IF EXISTS ada;
INSERT INTO organizations (id, name) SELECT (o || '0000000-0000-4000-8000-000000000000')::uuid, o FROM unnest('{a,b}'::text[]) o;
INSERT INTO agent_instances (id, organization_id, name, agent_type, status)
SELECT (o || '0000000-0000-4000-8000-00000000000a')::uuid, (o || '0000000-0000-4000-8000-000000000000')::uuid, 'x', 'k', 'idle' FROM unnest('{a,b}'::text[]) o;
INSERT INTO agent_executions (id, organization_id, agent_id, task_type, status, completed_at)
SELECT (o || '0000000-0000-4000-8000-0000000000e' || n)::uuid, (o || '0000000-0000-4000-8000-000000000000')::uuid,
       (o || '0000000-0000-4000-8000-00000000000a')::uuid, 't', 'completed', '2026-11-18 12:01Z' FROM unnest('{a,b}'::text[]) o, generate_series(1, 2) n;
SELECT weir.ensure_partition('agent_metrics', '2026-11-18');
INSERT INTO agent_metrics (organization_id, agent_id, window_start, total_tasks, completed_tasks, is_final, is_complete)
SELECT organization_id, id, '2026-11-18 12:00Z', 1, 1, true, true FROM agent_instances;
INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, "partition", record_offset, record_key, value, occurred_at, kind, reason, organization_id)
SELECT 'weir.rollups', 'weir.cdc.public.agent_executions', id, 0, 7, convert_to('{"id":"' || left(name, 1) || '0000000-0000-4000-8000-0000000000e2"}', 'UTF8'),
       'hidden', now(), 'decode', 'out_of_range', id FROM organizations;
INSERT INTO weir.outcome_counts (group_id, topic, "partition", outcome, reason, n) VALUES ('weir.rollups', 't', 0, 'done', '', 5), ('weir.rollups', 't', 1, 'done', '', 6);
)";

postgres::Connection connect(const std::string& dsn) {
  return postgres::Connection::open({.dsn = dsn, .application_name = "test"}).value();
}

std::string value(postgres::Connection& connection, const std::string& sql) {
  const auto rows = connection.script(sql);
  if (!rows) return rows.error().line();
  return rows->empty() ? "no row" : std::string((*rows)[0].text(0));
}

/// The shell block of a section of docs/operator.md, run as the page has it.
void run_block(const char* section, const std::map<std::string, std::string>& environment) {
  const auto blocks = testing::example_texts(testing::source_directory() / "docs/operator.md", section);
  REQUIRE(blocks.size() == 1);
  supervise::Command bash;
  bash.arguments = {"bash", "-euc", blocks[0]};
  bash.environment = environment;
  bash.environment["PGOPTIONS"] = "-c client_min_messages=warning";
  bash.output = testing::scratch() / "block.log";
  const auto ran = supervise::run(testing::guardian(), bash, std::chrono::minutes{1});
  REQUIRE_MESSAGE(ran.has_value(), (ran ? "" : ran.error().line()));
}

}  // namespace

TEST_CASE(
    "analysts see their own organization, a window is different where an execution is missing that nobody refused, and others see "
    "nothing") {
  const std::string dsn = testing::migrated_database();
  auto owner = connect(dsn);
  REQUIRE(owner.script(kScene).has_value());
  run_block("## Analysts", {{"OWNER_DSN", dsn}, {"ORG", kOrganization}});
  auto analyst = connect(dsn + " user=ada");
  CHECK(value(analyst, "SELECT count(*) FROM agent_metrics") == "1");
  CHECK(value(analyst, "SELECT string_agg(topic || ' ' || reason, ',') FROM letters") == "weir.cdc.public.agent_executions out_of_range");
  CHECK(value(analyst, "SELECT records FROM outcome_totals WHERE outcome = 'done'") == "11");
  CHECK(value(analyst, "SELECT count(*) FROM window_differences") == "0");
  REQUIRE(owner.script("UPDATE weir.dead_letters SET status = 'resolved', resolved_at = now()").has_value());
  CHECK(value(analyst, "SELECT total_tasks || ' of ' || in_source FROM window_differences") == "1 of 2");
  REQUIRE(owner.script("DELETE FROM weir.analysts").has_value());
  for (const char* view : {"letters", "outcome_totals", "window_differences", "module_funnel", "activity_difficulty"}) {
    CHECK(value(analyst, std::string("SELECT count(*) FROM ") + view) == "0");
  }
  for (const char* hidden : {"weir.dead_letters", "weir.outcome_counts", "weir.letters_of_analyst()", "agent_executions"}) {
    CHECK(value(analyst, std::string("SELECT count(*) FROM ") + hidden).find("permission denied") != std::string::npos);
  }
}

TEST_CASE("the sources for dbt name tables and columns that are there, and a column by which freshness is told") {
  auto owner = connect(testing::migrated_database());
  const auto there = [&owner](const std::string& table, const std::string& column) {
    return value(owner, "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '" + table +
                            "' AND column_name = '" + column + "'") == "1";
  };
  CHECK_FALSE(there("agent_metrics", "no_such_column"));
  std::size_t tables = 0;
  for (const YAML::Node& source : YAML::LoadFile((testing::source_directory() / "deploy/dbt/sources.yml").string())["sources"]) {
    CHECK(source["schema"].as<std::string>() == "public");
    for (const YAML::Node& table : source["tables"]) {
      const auto name = table["name"].as<std::string>();
      CAPTURE(name);
      ++tables;
      CHECK(there(name, source["loaded_at_field"].as<std::string>()));
      for (const YAML::Node& column : table["columns"]) CHECK(there(name, column["name"].as<std::string>()));
    }
  }
  CHECK(tables >= 12);
}
