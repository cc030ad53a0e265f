// What the marks of weir verify cost: a commit that makes one beside a commit that makes none, by turns, over a table that holds as many
// marks as are kept; the size of that table; and what weir verify takes to read it.
#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"
#include "operations/commands/log_verification.hpp"
#include "tests/bench/marks/marked_group.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/database.hpp"
#include "tests/bench/support/percentiles.hpp"
#include "tests/bench/support/usage.hpp"

#include <fmt/format.h>

namespace {

using namespace weir;
using namespace weir::bench;

double number(postgres::Connection& connection, const std::string& sql) { return must(connection.script(sql))[0].get<double>(0); }

struct Commits {
  Percentiles milliseconds{};
  double wal_bytes = 0;

  void add(postgres::Connection& connection, MarkedGroup& group, std::size_t partitions) {
    const std::string place = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8";
    const double before = number(connection, place);
    milliseconds.add(group.commit(partitions));
    wal_bytes += number(connection, place) - before;
  }
  [[nodiscard]] double median() { return milliseconds.at(0.5); }
  [[nodiscard]] double wal_of_each() const { return wal_bytes / static_cast<double>(milliseconds.count()); }
};

struct Compared {
  Commits marked;
  Commits unmarked;
  [[nodiscard]] double added_ms() { return marked.median() - unmarked.median(); }
};

/// By turns, so that what else the machine does falls on both.
Compared compare(postgres::Connection& connection, MarkedGroup& marks, MarkedGroup& marks_not, std::size_t partitions,
                 std::int64_t rounds) {
  constexpr std::int64_t kWarmUp = 20;  // until the statements are prepared, and planned once for all
  for (std::int64_t i = 0; i < kWarmUp; ++i) {
    marks.commit(partitions);
    marks_not.commit(partitions);
  }
  Compared compared;
  for (std::int64_t i = 0; i < rounds; ++i) {
    add_expired(connection, marks.name(), partitions);
    compared.marked.add(connection, marks, partitions);
    compared.unmarked.add(connection, marks_not, partitions);
  }
  return compared;
}

void tell(Report& report, const std::string& name, Compared& compared) {
  report.figure(name + ": with a mark of each, median", compared.marked.median(), "ms");
  report.figure(name + ": with a mark of each, 99 %", compared.marked.milliseconds.at(0.99), "ms");
  report.figure(name + ": without, median", compared.unmarked.median(), "ms");
  report.figure(name + ": without, 99 %", compared.unmarked.milliseconds.at(0.99), "ms");
  report.figure(name + ": WAL with a mark of each", compared.marked.wal_of_each(), "bytes");
  report.figure(name + ": WAL without", compared.unmarked.wal_of_each(), "bytes");
}

void tell_table(Report& report, postgres::Connection& connection, const Marks& marks) {
  const double rows = number(connection, "SELECT count(*)::float8 FROM weir.position_marks");
  const double bytes = number(connection, "SELECT pg_total_relation_size('weir.position_marks')::float8");
  report.figure("marks that are kept", rows, "rows");
  report.figure("a mark, with its index", bytes / rows, "bytes");
  report.figure("the table, with its index", bytes / 1e6, "MB");
  report.figure("marks a day, where every partition moves in each hour", static_cast<double>(24 * marks.groups * marks.partitions), "rows");
}

/// As weir verify does it where the topic is gone, so that no log is read.
void read_marks(Report& report, postgres::Connection& connection, const std::string& name, const std::optional<std::string>& group,
                std::optional<Instant> from = std::nullopt) {
  const bench::Stopwatch watch;
  const auto read = must(operations::books(connection, {group, from, std::nullopt}));
  const auto marks = [&](const operations::AskedMarks& of, Instant after) { return operations::marks_after(connection, of, after); };
  operations::RangeFindings found(operations::kMostRanges);
  std::int64_t ranges = 0;
  for (const operations::AskedMarks& asked : read.places) {
    operations::PlaceCheck check(operations::RangeReader(asked, read.moved, marks), std::nullopt, {}, found);
    must(check.begin_reading());
  }
  for (const auto& [topic, sum] : found.sums()) ranges += sum.ranges.at(operations::Comparison::kGone);
  report.figure(name + fmt::format(", {} ranges", ranges), watch.seconds(), "s");
}

}  // namespace

int main(int count, char** words) {
  Marks marks;
  std::int64_t rounds = 500;
  Report report = CommandLine("What the marks of positions cost, which weir verify compares with the logs")
                      .option("groups", marks.groups, "that mark the same topic")
                      .option("partitions", marks.partitions, "of that topic")
                      .option("days", marks.days, "of hourly marks that are there already")
                      .option("rounds", rounds, "commits of each kind")
                      .parse(count, words);
  if (marks.groups < 2 || marks.partitions < 1 || rounds < 1) give_up("at least two groups, one partition and one round");
  const std::string dsn = testing::fresh_database();
  auto connection = connect(dsn);
  must(migrations::up(connection));
  fill(connection, marks);
  tell_table(report, connection, marks);
  MarkedGroup always(dsn, group_name(0), marks.partitions, Microseconds{0});
  MarkedGroup hourly(dsn, group_name(1), marks.partitions, std::chrono::hours{1});
  const auto all = static_cast<std::size_t>(marks.partitions);
  Compared together = compare(connection, always, hourly, all, rounds);
  Compared single = compare(connection, always, hourly, 1, rounds);
  report.own(fmt::format("what marks of {} partitions add to a commit, median", all), together.added_ms() / 1e3, "s");
  report.floor(fmt::format("floor, a commit that moves {} partitions and marks none, median", all), together.unmarked.median() / 1e3, "s");
  tell(report, fmt::format("a commit that moves {} partitions", all), together);
  tell(report, "a commit that moves 1 partition", single);
  const auto groups = static_cast<double>(marks.groups);
  const auto partitions = static_cast<double>(marks.partitions);
  report.figure("an hour of marks of all groups, a commit each group", groups * together.added_ms(), "ms");
  report.figure("an hour of marks of all groups, a commit each partition", groups * partitions * single.added_ms(), "ms");
  const Instant today = SystemClock().now() - std::chrono::hours{24};
  read_marks(report, connection, "weir verify compares the marks of a day, all groups", std::nullopt, today);
  report.figure("most memory by then", static_cast<double>(peak_memory_bytes(::getpid())) / 1e6, "MB");
  read_marks(report, connection, "weir verify compares the marks of one group", group_name(2));
  read_marks(report, connection, "weir verify compares the marks of all groups", std::nullopt);
  report.figure("most memory of whoever compares them", static_cast<double>(peak_memory_bytes(::getpid())) / 1e6, "MB");
  report.print();
  return 0;
}
