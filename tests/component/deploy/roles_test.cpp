// deploy/roles.sql, run as an operator runs it, and deploy/weir.yaml name the same tables and the roles that processes work as.
#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

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

}  // namespace

TEST_CASE("deploy/roles.sql lets each process in as its own role and publishes what weir.yaml names; twice does no harm") {
  const std::string dsn = testing::fresh_database();
  postgres::Settings settings;
  settings.dsn = dsn;
  auto connection = postgres::Connection::open(migrations::patient(settings)).value();
  REQUIRE(migrations::up(connection).has_value());
  supervise::Command psql;
  psql.arguments = {testing::postgres().program("psql"),
                    "--no-psqlrc",
                    "--set",
                    "password=quote'd",
                    "--file",
                    testing::source_directory() / "deploy" / "roles.sql",
                    dsn};
  psql.output = testing::scratch() / "psql.log";
  for (int run = 0; run < 2; ++run) {
    const auto ran = supervise::run(testing::guardian(), psql, std::chrono::minutes{1});
    REQUIRE_MESSAGE(ran.has_value(), (ran ? "" : ran.error().line()));
  }
  CHECK(value(connection,
              "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_authid WHERE rolname LIKE 'weir\\_%' AND rolpassword IS "
              "NOT NULL") == "weir_cdc weir_gateway weir_operator weir_rollups weir_sealer");
  CHECK(value(connection,
              "SELECT string_agg(schemaname || '.' || tablename || E'\\n', '' ORDER BY schemaname, tablename) FROM "
              "pg_publication_tables WHERE pubname = 'weir'") == published_tables());
  CHECK(value(connection,
              "SELECT bool_and(has_table_privilege('weir_cdc', format('%I.%I', schemaname, tablename), 'SELECT')) FROM "
              "pg_publication_tables WHERE pubname = 'weir'") == "t");
  CHECK(value(connection, "SELECT has_function_privilege('weir_cdc', 'weir.publish(regclass[], name)', 'EXECUTE')") == "f");
}
