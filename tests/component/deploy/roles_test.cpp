// deploy/roles.sql, run as an operator runs it, is held against the list of components: it lets in the role of each and publishes what they
// need published, and the migrations let each role write what its component says.
#include "common/migrations/migrator.hpp"
#include "common/process/components.hpp"
#include "common/testing/services.hpp"
#include "weir/components.hpp"

#include <doctest/doctest.h>

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

/// "schema.table" or "schema.table: column, column" where not all columns are published, a line each in order.
std::string wanted_tables() {
  std::set<std::string> lines;
  for (const process::TableRow& row : process::published_tables(components())) {
    const std::set<std::string> columns(row.columns.begin(), row.columns.end());
    std::string line = row.name;
    for (const std::string& column : columns) line += (line == row.name ? ": " : ", ") + column;
    lines.insert(line);
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
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

TEST_CASE("deploy/roles.sql lets each component in as its own role and publishes what they need published; twice does no harm") {
  const std::string dsn = testing::fresh_database();
  postgres::Settings settings;
  settings.dsn = dsn;
  auto connection = postgres::Connection::open(migrations::patient(settings)).value();
  REQUIRE(migrations::up(connection).has_value());
  for (int run = 0; run < 2; ++run) CHECK(run_roles(dsn) == "");
  const std::string let_in = value(connection, "SELECT string_agg(rolname, ' ') FROM pg_authid WHERE rolpassword IS NOT NULL") + " ";
  for (const process::Component& component : components()) CHECK(let_in.find(component.declaration.role + " ") != std::string::npos);
  // A list of columns is one even where it names them all: a column that is added later is not published.
  CHECK(value(connection, R"(
SELECT string_agg(line || E'\n', '' ORDER BY line COLLATE "C")
  FROM (SELECT p.schemaname || '.' || p.tablename
               || CASE WHEN r.prattrs IS NOT NULL
                       THEN ': ' || (SELECT string_agg(name, ', ' ORDER BY name COLLATE "C") FROM unnest(p.attnames) AS name)
                       ELSE '' END
          FROM pg_publication_tables p
          JOIN pg_publication b ON b.pubname = p.pubname
          JOIN pg_publication_rel r ON r.prpubid = b.oid AND r.prrelid = format('%I.%I', p.schemaname, p.tablename)::regclass
         WHERE p.pubname = 'weir') AS published (line))") == wanted_tables());
  CHECK(value(connection,
              R"(
SELECT bool_and(has_column_privilege('weir_cdc', format('%I.%I', schemaname, tablename), attname, 'SELECT'))
  FROM pg_publication_tables, unnest(attnames) AS attname
 WHERE pubname = 'weir')") == "t");
  CHECK(value(connection, "SELECT has_function_privilege('weir_cdc', 'weir.publish(regclass[], name)', 'EXECUTE')") == "f");
}

TEST_CASE("tables that an owner named weir makes are in public, and not in weir's own schema, once deploy/roles.sql has run") {
  const std::string dsn = testing::fresh_database();
  postgres::Settings settings;
  settings.dsn = dsn;
  auto connection = postgres::Connection::open(migrations::patient(settings)).value();
  REQUIRE(value(connection, "SELECT current_user") == "weir");
  REQUIRE(migrations::up(connection).has_value());
  REQUIRE(run_roles(dsn).empty());
  auto application = postgres::Connection::open(settings).value();
  CHECK(value(application, "CREATE TABLE orders (id int); SELECT 'orders'::regclass = 'public.orders'::regclass") == "t");
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
      R"(
SELECT schemaname || '.' || tablename || '.' || attname
  FROM pg_publication_tables, unnest(attnames) AS attname
 WHERE pubname = 'weir' AND tablename IN ('assessment_scores', 'growth_scores', 'achievements_unlocked', 'insights'))");
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

TEST_CASE("each component's role may write the tables that its component says it writes") {
  const std::string dsn = testing::fresh_database();
  postgres::Settings settings;
  settings.dsn = dsn;
  auto connection = postgres::Connection::open(migrations::patient(settings)).value();
  REQUIRE(migrations::up(connection).has_value());
  std::size_t written = 0;
  for (const process::Component& component : components()) {
    for (const process::TableRow& row : component.declaration.tables) {
      if (row.use != process::TableUse::kWrites) continue;
      ++written;
      const std::string of_role = "'" + component.declaration.role + "', '" + row.name + "', ";
      CHECK_MESSAGE(
          value(connection, "SELECT has_table_privilege(" + of_role + "'INSERT') AND has_table_privilege(" + of_role + "'UPDATE')") == "t",
          of_role);
    }
  }
  CHECK(written > 5);
}
