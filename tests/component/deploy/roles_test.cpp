// deploy/roles.sql, run as an operator runs it, and deploy/weir.yaml name the same tables and the roles that processes work as.
#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <set>

using namespace weir;

namespace {

std::string value(postgres::Connection& connection, const std::string& sql) {
  const auto rows = connection.script(sql);
  REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
  return rows->empty() ? "" : std::string((*rows)[0].text(0));
}

std::string published_tables() {
  std::vector<std::string> names;
  for (const YAML::Node& table : YAML::LoadFile(testing::source_directory() / "deploy" / "weir.yaml")["cdc"]["tables"]) {
    names.push_back(table.as<std::string>());
  }
  std::sort(names.begin(), names.end());
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  return text;
}

/// What went wrong; empty: nothing.
std::string run_roles(const std::string& dsn) {
  supervise::Command psql;
  psql.arguments = {testing::postgres().program("psql"),
                    "--no-psqlrc",
                    "--set",
                    "password=quote'd",
                    "--file",
                    testing::source_directory() / "deploy" / "roles.sql",
                    dsn};
  psql.output = testing::scratch() / "psql.log";
  const auto ran = supervise::run(testing::guardian(), psql, std::chrono::minutes{1});
  return ran ? "" : ran.error().line();
}

}  // namespace

TEST_CASE("deploy/roles.sql lets each process in as its own role and publishes what weir.yaml names; twice does no harm") {
  const std::string dsn = testing::fresh_database();
  postgres::Settings settings;
  settings.dsn = dsn;
  auto connection = postgres::Connection::open(migrations::patient(settings)).value();
  REQUIRE(migrations::up(connection).has_value());
  for (int run = 0; run < 2; ++run) CHECK(run_roles(dsn) == "");
  CHECK(value(connection,
              "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_authid WHERE rolname LIKE 'weir\\_%' AND rolpassword IS "
              "NOT NULL") == "weir_cdc weir_gateway weir_operator weir_rollups weir_scoring weir_sealer");
  CHECK(value(connection,
              "SELECT string_agg(schemaname || '.' || tablename || E'\\n', '' ORDER BY schemaname, tablename) FROM "
              "pg_publication_tables WHERE pubname = 'weir'") == published_tables());
  CHECK(value(connection,
              "SELECT bool_and(has_column_privilege('weir_cdc', format('%I.%I', schemaname, tablename), attname, 'SELECT')) FROM "
              "pg_publication_tables, unnest(attnames) AS attname WHERE pubname = 'weir'") == "t");
  CHECK(value(connection, "SELECT has_function_privilege('weir_cdc', 'weir.publish(regclass[], name)', 'EXECUTE')") == "f");
}

TEST_CASE(
    "of scores, achievements and insights nothing is published that is sensitive, and nothing of the rows that hold it is granted to cdc") {
  const std::string dsn = testing::fresh_database();
  postgres::Settings settings;
  settings.dsn = dsn;
  auto connection = postgres::Connection::open(migrations::patient(settings)).value();
  REQUIRE(migrations::up(connection).has_value());
  REQUIRE(run_roles(dsn).empty());
  std::set<std::string> sensitive;
  std::ifstream file(testing::source_directory() / "schemas/personal_data.csv");
  for (std::string line; std::getline(file, line);) {
    const std::size_t table_end = line.find(',');
    const std::size_t column_end = line.find(',', table_end + 1);
    if (line.compare(column_end + 1, 9, "sensitive") != 0) continue;
    sensitive.insert(line.substr(0, table_end) + "." + line.substr(table_end + 1, column_end - table_end - 1));
  }
  REQUIRE(sensitive.count("public.assessment_scores.raw_score") == 1);
  const auto columns = connection.script(
      "SELECT schemaname || '.' || tablename || '.' || attname FROM pg_publication_tables, unnest(attnames) AS attname WHERE pubname = "
      "'weir' AND tablename IN ('assessment_scores', 'growth_scores', 'achievements_unlocked', 'insights')");
  REQUIRE(columns.has_value());
  REQUIRE(columns->size() > 20);
  for (std::size_t i = 0; i < columns->size(); ++i) {
    const std::string column = (*columns)[i].get<std::string>(0);
    // Which dimension a score is of is said by its key.
    if (column.ends_with(".dimension")) continue;
    CHECK_MESSAGE(sensitive.count(column) == 0, column);
  }
  CHECK(value(connection, "SELECT has_column_privilege('weir_cdc', 'public.assessment_scores', 'raw_score', 'SELECT')") == "f");
  CHECK(value(connection, "SELECT has_column_privilege('weir_cdc', 'public.insights', 'body', 'SELECT')") == "f");
}
