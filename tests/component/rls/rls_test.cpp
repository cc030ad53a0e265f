// Row security, by pgTAP: each file of this folder runs against a database of its own, with all migrations and the scene in it. Every
// line that says `not ok` fails.
#include "common/migrations/migrator.hpp"

#include "common/testing/services.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace weir;

namespace {

std::filesystem::path folder() { return testing::source_directory() / "tests/component/rls"; }

struct Ran {
  std::string fault;  // psql's own; empty: it ran to the end
  std::vector<std::string> lines;
};

Ran psql(const std::string& dsn, const std::string& file) {
  const auto output = testing::scratch() / "tap.out";
  std::filesystem::remove(output);
  supervise::Command command;
  command.arguments = {
      testing::postgres().program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", folder() / file, "-d", dsn};
  command.output = output;
  const auto ran = supervise::run(testing::guardian(), command, std::chrono::minutes{5});
  Ran result{ran ? "" : ran.error().line(), {}};
  std::ifstream read(output);
  for (std::string line; std::getline(read, line);) result.lines.push_back(line);
  return result;
}

postgres::Connection connect(const std::string& dsn) {
  postgres::Settings settings;
  settings.dsn = dsn;
  return postgres::Connection::open(migrations::patient(settings)).value();
}

/// The database that the others are copies of: its name.
const std::string& prepared() {
  static const std::string name = [] {
    const std::string dsn = testing::fresh_database();
    auto connection = connect(dsn);
    REQUIRE(migrations::up(connection).has_value());
    for (const char* file : {"scene.sql", "probe.sql"}) {
      const Ran ran = psql(dsn, file);
      REQUIRE_MESSAGE(ran.fault.empty(), ran.fault);
    }
    const auto rows = connection.script("SELECT current_database()").value();
    return std::string(rows[0].text(0));
  }();
  return name;
}

void run_tap(const std::string& file) {
  const std::string copy = prepared() + "_" + file.substr(0, file.find('.'));
  REQUIRE(connect(testing::postgres().dsn()).script("CREATE DATABASE " + copy + " TEMPLATE " + prepared()).has_value());
  const Ran ran = psql(testing::postgres().dsn(copy), file);
  CHECK_MESSAGE(ran.fault.empty(), ran.fault);
  std::size_t planned = 0;
  std::size_t passed = 0;
  for (std::size_t i = 0; i < ran.lines.size(); ++i) {
    const std::string& line = ran.lines[i];
    if (line.starts_with("1..")) planned = std::stoul(line.substr(3));
    if (line.starts_with("ok ")) ++passed;
    if (!line.starts_with("not ok ")) continue;
    std::string why = line;
    for (std::size_t next = i + 1; next < ran.lines.size() && ran.lines[next].starts_with('#'); ++next) why += '\n' + ran.lines[next];
    FAIL_CHECK(why);
  }
  CHECK(planned > 0);
  CHECK(passed == planned);
}

}  // namespace

TEST_CASE("every table there is lies under row security, and roles have no more than they need") { run_tap("catalogue.sql"); }

TEST_CASE("each kind of user reaches in each table what the matrix says, and each policy is needed for it") { run_tap("matrix.sql"); }

TEST_CASE("processes and analysts have their grants and no others, and each of their policies lets in") { run_tap("roles.sql"); }

TEST_CASE("the known ways around row security lead nowhere") { run_tap("holes.sql"); }

TEST_CASE("consent and time decide who sees what is about a person") { run_tap("consent.sql"); }

TEST_CASE("views of learning show defaults, today's streak and shares, and of nobody who is hidden") { run_tap("learning.sql"); }

TEST_CASE("policies cost one evaluation a statement, and leave the index in use") { run_tap("plans.sql"); }

TEST_CASE("every table that people edit is audited, secrets are not, and nothing of the log is taken back") { run_tap("audit.sql"); }
