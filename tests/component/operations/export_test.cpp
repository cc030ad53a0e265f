// weir export, run as a person runs it.
#include "common/postgres/connection.hpp"
#include "common/testing/migrated_database.hpp"
#include "tests/component/operations/program.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weir;
using testing::run_weir;

namespace {

/// Two organizations with two agents each, over three windows of an hour and the next.
std::map<std::string, std::string> filled() {
  const std::string dsn = testing::migrated_database();
  postgres::Settings settings;
  settings.dsn = dsn;
  auto connection = postgres::Connection::open(settings).value();
  REQUIRE(connection
              .script(R"(
SELECT weir.ensure_partition('public.agent_metrics', '2026-11-18Z'), weir.ensure_partition('public.agent_metrics_1d', '2026-11-18Z');
INSERT INTO agent_metrics (organization_id, agent_id, window_start, total_tasks, is_final)
SELECT ('00000000-0000-4000-8000-00000000000' || o)::uuid, ('00000000-0000-4000-9000-00000000000' || a)::uuid, start, a, true
  FROM generate_series(1, 2) o, generate_series(1, 2) a,
       unnest('{2026-11-18 12:00Z,2026-11-18 12:55Z,2026-11-18 13:00Z}'::timestamptz[]) start;
INSERT INTO agent_metrics_1d SELECT * FROM agent_metrics WHERE window_start = '2026-11-18 12:00Z')")
              .has_value());
  return {{"WEIR_POSTGRES_DSN", dsn}};
}

std::int64_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

}  // namespace

TEST_CASE("weir export rollups writes the rows of a range as CSV with a header, in order of time") {
  const auto environment = filled();
  const auto said =
      run_weir({"export", "rollups", "--from", "2026-11-18T12:00:00Z", "--to", "2026-11-18T13:00:00Z", "--level", "5m"}, environment);
  CHECK(said.err == "");
  CHECK(said.exit_code == 0);
  CHECK(lines(said.out) == 1 + 8);
  CHECK(said.out.starts_with("time,organization_id,agent_id,total_tasks,completed_tasks,"));
  CHECK(
      said.out.find("\n2026-11-18 12:00:00+00,00000000-0000-4000-8000-000000000001,00000000-0000-4000-9000-000000000001,1,0,0,0,,,0,0,") !=
      std::string::npos);
  CHECK(said.out.rfind("2026-11-18 12:55:00+00") > said.out.rfind("2026-11-18 12:00:00+00"));
}

TEST_CASE("weir export rollups writes a JSON object a line, also of a range that is read in several pieces, and of days") {
  const auto environment = filled();
  const auto windows =
      run_weir({"export", "rollups", "--from", "2026-11-18", "--to", "2026-11-19", "--level", "5m", "--format", "jsonl"}, environment);
  CHECK(lines(windows.out) == 12);
  CHECK(windows.out.starts_with("{\"time\":\"2026-11-18T12:00:00+00:00\",\"organization_id\":\"00000000-0000-4000-8000-000000000001\","));
  CHECK(lines(run_weir({"export", "rollups", "--from", "2026-10-01", "--to", "2026-12-01", "--level", "1d"}, environment).out) == 5);
  CHECK(lines(run_weir({"export", "rollups", "--from", "2026-11-18", "--to", "2026-11-19", "--format", "jsonl"}, environment).out) == 0);
}

TEST_CASE("weir export rollups writes the columns that the series of analysts have, at every level") {
  auto environment = filled();
  postgres::Settings settings;
  settings.dsn = environment["WEIR_POSTGRES_DSN"];
  auto connection = postgres::Connection::open(settings).value();
  for (const std::string level : {"5m", "1h", "1d"}) {
    const auto columns = connection.script(
        "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attnum > 0 AND attrelid = 'agent_series_" + level +
        "'::regclass");
    const auto said = run_weir({"export", "rollups", "--from", "2026-11-18", "--to", "2026-11-19", "--level", level}, environment);
    CHECK(said.out.substr(0, said.out.find('\n')) == columns.value()[0].text(0));
  }
}

TEST_CASE("weir export rollups writes the rows of every organization as weir_operator, and tells a role that sees none which one does") {
  auto environment = filled();
  const std::string dsn = environment["WEIR_POSTGRES_DSN"];
  const auto exported = [&](const std::string& role, const std::string& level) {
    environment["WEIR_POSTGRES_DSN"] = dsn + " user=" + role;
    return run_weir({"export", "rollups", "--from", "2026-11-18", "--to", "2026-11-19", "--level", level, "--format", "jsonl"},
                    environment);
  };
  const auto windows = exported("weir_operator", "5m");
  CHECK_MESSAGE(windows.exit_code == 0, windows.err);
  CHECK(lines(windows.out) == 12);
  CHECK(lines(exported("weir_operator", "1d").out) == 4);
  const auto refused = exported("weir_scoring", "5m");
  CHECK(refused.exit_code == 77);
  CHECK(refused.err.find("for a command as weir_operator") != std::string::npos);
}

TEST_CASE("weir export rollups says what is wrong with its options") {
  const std::map<std::string, std::string> environment{{"WEIR_POSTGRES_DSN", "host=/nowhere"}};
  const auto refusal = [&](const std::vector<std::string>& options) {
    std::vector<std::string> words{"export", "rollups"};
    words.insert(words.end(), options.begin(), options.end());
    const auto said = run_weir(words, environment);
    CHECK(said.exit_code == 64);
    return said.err;
  };
  CHECK(refusal({"--from", "monday", "--to", "2026-11-19"}).find("--from monday: is neither a day such as 2026-11-01 nor a time") !=
        std::string::npos);
  CHECK(refusal({"--from", "2026-11-19", "--to", "2026-11-19"}).find("--to: must be after --from") != std::string::npos);
  CHECK(refusal({"--from", "2026-11-18", "--to", "2026-11-19", "--level", "2h"}).find("--level 2h: is none of 5m, 1h, 1d") !=
        std::string::npos);
  CHECK(refusal({"--from", "2026-11-18", "--to", "2026-11-19", "--format", "xml"}).find("--format xml: is neither csv nor jsonl") !=
        std::string::npos);
  CHECK(refusal({"--to", "2026-11-19"}).find("--from") != std::string::npos);
}
