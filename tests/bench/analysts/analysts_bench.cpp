// What analysts wait for: the queries of docs/analyst.md, as they stand there, over a month of windows, asked by an analyst's login. Their
// plans are printed, and the times that rollup_range must keep are held against it.
#include "common/core/await.hpp"
#include "common/migrations/migrator.hpp"
#include "common/testing/pages.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/analysts/month.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/database.hpp"
#include "tests/bench/support/percentiles.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>

namespace {

using namespace weir;
using namespace weir::bench;

postgres::Connection analyst(const std::string& dsn, std::string_view login) {
  auto connection = connect(dsn);
  must(connection.script(fmt::format("SET SESSION AUTHORIZATION {}", login)));
  return connection;
}

double median_seconds(postgres::Connection& connection, const std::string& sql, std::int64_t rounds) {
  Percentiles seconds;
  for (std::int64_t round = 0; round < rounds; ++round) {
    const bench::Stopwatch watch;
    must(connection.script(sql));
    seconds.add(watch.seconds());
  }
  return seconds.at(0.5);
}

void show_plan(Report& report, postgres::Connection& connection, const std::string& name, const std::string& sql) {
  const auto rows = must(connection.script("EXPLAIN (COSTS OFF) " + sql));
  std::string plan = name;
  for (std::size_t i = 0; i < rows.size() && i < 25; ++i) plan += fmt::format("\n    {}", rows[i].text(0));
  report.note(plan);
}

/// The query's first line that is no list of columns tells it from the others.
std::string name_of(std::size_t number, const std::string& query) {
  const auto from = query.find("FROM ");
  return fmt::format("query {}, {}", number, query.substr(from, query.find_first_of(" \n,", from + 5) - from));
}

/// To make the data takes minutes, and may go on beside other work; the questions may not.
void await_quiet(const std::string& file) {
  if (file.empty()) return;
  std::fprintf(stderr, "bench: the data is there; the questions wait for %s\n", file.c_str());
  if (!await(std::chrono::hours{1}, [&] { return std::filesystem::exists(file); })) give_up(file + " did not come");
}

struct Goal {
  std::string what;
  const char* login;
  std::string quantiles;
  double seconds;
};

}  // namespace

int main(int count, char** words) {
  Month month;
  std::int64_t rounds = 5;
  std::string ask_after;
  Report report = CommandLine("The queries that analysts ask first, over a month of windows")
                      .option("agents", month.agents, "agents of the organization; another one has a tenth of them")
                      .option("days", month.days, "whole days before today")
                      .option("rounds", rounds, "how often each query is asked")
                      .option("ask-after", ask_after, "a file: once the data is made, the questions wait until it is there")
                      .parse(count, words);
  const std::string dsn = testing::fresh_database();
  postgres::Connection owner = connect(dsn);
  must(migrations::up(owner));
  const Filled filled = fill(owner, month);
  report.figure("windows", filled.windows, "rows");
  report.figure("merging them to hours and days", filled.merged / filled.merge_seconds, "rows/s");
  report.figure("merging a late correction of one agent", filled.late_seconds, "s");
  await_quiet(ask_after);
  postgres::Connection session = analyst(dsn, kAnalyst);
  postgres::Connection of_few = analyst(dsn, kAnalystOfFew);
  const auto queries = testing::example_texts(testing::source_directory() / "docs/analyst.md", "## The ten questions that are asked first");
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const std::string name = name_of(i + 1, queries[i]);
    report.figure(name, median_seconds(session, queries[i], rounds), "s");
    show_plan(report, session, name, queries[i]);
  }
  const auto range = [&](const std::string& quantiles) {
    return fmt::format("SELECT * FROM rollup_range(now() - interval '{} days', now(), '{}')", month.days, quantiles);
  };
  const std::string quantiles = "{0.5,0.95,0.99}";
  bool all = true;
  for (const Goal& goal :
       {Goal{fmt::format("a range of all days, {} agents", month.agents), kAnalyst, "{}", 1},
        Goal{fmt::format("a range of all days with quantiles, {} agents", month.agents), kAnalyst, quantiles, 5},
        Goal{fmt::format("a range of all days with quantiles, {} agents", (month.agents + 9) / 10), kAnalystOfFew, quantiles, 1}}) {
    const double seconds = median_seconds(std::string_view(goal.login) == kAnalyst ? session : of_few, range(goal.quantiles), rounds);
    if (goal.seconds == 5) report.own(goal.what, seconds, "s");
    if (goal.seconds != 5) report.figure(goal.what, seconds, "s");
    report.judge(fmt::format("{} in less than {} s", goal.what, goal.seconds), seconds < goal.seconds);
    all = all && seconds < goal.seconds;
  }
  report.print();
  if (!all) give_up("a range takes longer than it may");
  return 0;
}
