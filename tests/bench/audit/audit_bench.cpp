// What the audit log costs whoever writes: ten writers at once on agent_executions, each change a transaction, without the trigger, with
// it, and with it while the sealer chains beside them; by turns, so that what else the machine does falls on all.
#include "common/core/await.hpp"
#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/component.hpp"
#include "tests/bench/support/database.hpp"
#include "tests/bench/support/percentiles.hpp"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

namespace {

using namespace weir;
using namespace weir::bench;

constexpr Milliseconds kPatience{60'000};
constexpr Milliseconds kPause{20};  // about 100 changes a second of each writer

struct Load {
  std::int64_t writers = 10;
  std::int64_t seconds = 4;
  std::int64_t rounds = 3;
  std::int64_t organizations = 20;
};

struct Variant {
  std::string name;
  bool trigger = false;
  bool sealer = false;
  Milliseconds pause{0};    // of each writer between two executions
  std::string since = "0";  // the last row of the log before its last turn
  std::string until = "0";  // and at that turn's end
  Percentiles milliseconds{};
  std::int64_t changes = 0;
  double seconds = 0;
  [[nodiscard]] double rate() const { return static_cast<double>(changes) / seconds; }
};

/// An execution is written when it starts and changed when it ends: two changes, two transactions.
void write(postgres::Connection& connection, const Load& load, std::int64_t writer, std::int64_t n, std::vector<double>& milliseconds) {
  postgres::Params fresh;
  fresh.add((writer + n) % load.organizations + 1);
  const bench::Stopwatch first;
  const auto rows = must(connection.query("start",
                                          R"(
INSERT INTO public.agent_executions (organization_id, agent_id, task_type, status, started_at)
VALUES (md5('o' || $1)::uuid, gen_random_uuid(), 'tutor', 'running', now())
RETURNING id)",
                                          fresh));
  milliseconds.push_back(first.seconds() * 1e3);
  postgres::Params ended;
  ended.add(rows[0].get<Uuid>(0)).add(n % 1'000);
  const bench::Stopwatch second;
  must(connection.execute("end",
                          R"(
UPDATE public.agent_executions
   SET status = 'completed', completed_at = now(), execution_time_ms = $2, quality_score = 0.9,
       output = '{"answer": "forty two"}'
 WHERE id = $1)",
                          ended));
  milliseconds.push_back(second.seconds() * 1e3);
}

void run(const std::string& dsn, const Load& load, Variant& variant) {
  std::vector<std::thread> writers;
  std::mutex mutex;
  std::atomic<bool> stop{false};
  const bench::Stopwatch watch;
  for (std::int64_t writer = 0; writer < load.writers; ++writer) {
    writers.emplace_back([&, writer] {
      postgres::Connection connection = connect(dsn);
      std::vector<double> milliseconds;
      for (std::int64_t n = 0; !stop.load(); ++n) {
        write(connection, load, writer, n, milliseconds);
        if (variant.pause.count() > 0)
          await(
              variant.pause, [] { return false; }, variant.pause);
      }
      const std::lock_guard lock(mutex);
      for (const double one : milliseconds) variant.milliseconds.add(one);
      variant.changes += static_cast<std::int64_t>(milliseconds.size());
    });
  }
  await(
      std::chrono::duration_cast<Milliseconds>(Seconds{load.seconds}), [] { return false; }, Milliseconds{50});
  stop = true;
  for (std::thread& writer : writers) writer.join();
  variant.seconds += watch.seconds();
}

std::int64_t waiting(postgres::Connection& connection) {
  return must(connection.script("SELECT (SELECT count(*) FROM public.audit_log) - (SELECT count(*) FROM weir.audit_chain)"))[0]
      .get<std::int64_t>(0);
}

void await_sealed(postgres::Connection& connection) {
  if (!await(
          kPatience, [&] { return waiting(connection) == 0; }, Milliseconds{100}))
    give_up("the sealer does not come to an end");
}

std::string last_row(postgres::Connection& connection) {
  return must(connection.script("SELECT coalesce(max(id), 0)::text FROM public.audit_log"))[0].get<std::string>(0);
}

void report_lag(postgres::Connection& connection, Report& report, const Variant& variant) {
  const auto rows = must(connection.script(fmt::format(
      R"(
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY s), percentile_cont(0.99) WITHIN GROUP (ORDER BY s), max(s)
  FROM (SELECT 1000 * extract(epoch FROM sealed_at - row_time)::float8 AS s
          FROM weir.audit_chain
         WHERE row_id > {} AND row_id <= {}) x)",
      variant.since, variant.until)));
  report.figure(variant.name + ": from a change to its link, median", rows[0].get<double>(0), "ms");
  report.figure(variant.name + ": from a change to its link, 99 %", rows[0].get<double>(1), "ms");
  report.figure(variant.name + ": from a change to its link, most", rows[0].get<double>(2), "ms");
}

}  // namespace

int main(int count, char** words) {
  Load load;
  Report report = CommandLine("What the audit log costs ten writers")
                      .option("writers", load.writers, "connections that write at once")
                      .option("seconds", load.seconds, "how long each turn lasts")
                      .option("rounds", load.rounds, "how many turns each variant has")
                      .option("organizations", load.organizations, "chains that the rows belong to")
                      .parse(count, words);
  const std::string dsn = testing::fresh_database();
  postgres::Connection connection = connect(dsn);
  must(migrations::up(connection));
  must(
      connection.script(fmt::format("INSERT INTO public.organizations (id, name) SELECT md5('o' || n)::uuid, 'o' || n FROM "
                                    "generate_series(1, {}) n; SELECT weir.make_partitions_ahead()",
                                    load.organizations)));
  std::array<Variant, 4> variants{Variant{"no audit trigger"}, Variant{"audited, no sealer", true},
                                  Variant{"audited, with sealer", true, true}, Variant{"audited, with sealer, paced", true, true, kPause}};
  for (std::int64_t round = 0; round < load.rounds; ++round) {
    for (Variant& variant : variants) {
      must(connection.script(fmt::format("ALTER TABLE public.agent_executions {} TRIGGER audit", variant.trigger ? "ENABLE" : "DISABLE")));
      std::optional<Component> sealer;
      if (variant.sealer) {
        // What the turn before left is chained first: the lag that is measured is that of this turn's rows.
        sealer.emplace("sealer", std::map<std::string, std::string>{{"WEIR_POSTGRES_DSN", dsn + " user=weir_sealer"},
                                                                    {"WEIR_AUDIT_HEADS_FILE", testing::scratch() / "heads"}});
        await_sealed(connection);
        variant.since = last_row(connection);
      }
      run(dsn, load, variant);
      variant.until = last_row(connection);
      if (sealer) {
        await_sealed(connection);
        sealer->stop();
      }
    }
  }
  auto& [bare, unsealed, sealed, paced] = variants;
  report.own("changes, audited, with sealer", sealed.rate(), "rows/s");
  report.figure("changes, audited, no sealer", unsealed.rate(), "rows/s");
  report.floor("floor, no audit trigger", bare.rate(), "rows/s");
  for (Variant& variant : variants) {
    report.figure(variant.name + ": a change, median", variant.milliseconds.at(0.5), "ms");
    report.figure(variant.name + ": a change, 99 %", variant.milliseconds.at(0.99), "ms");
  }
  report.figure("changes, audited, with sealer, paced", paced.rate(), "rows/s");
  report_lag(connection, report, sealed);
  report_lag(connection, report, paced);
  const auto bytes = must(connection.script(
      R"(
SELECT (SELECT sum(pg_total_relation_size(c)) FROM weir.family_of('public.audit_log') c)
         / greatest(1, (SELECT count(*) FROM public.audit_log)),
       pg_total_relation_size('weir.audit_chain') / greatest(1, (SELECT count(*) FROM weir.audit_chain)))"));
  report.figure("a row of the log, with its indexes", std::stod(std::string(bytes[0].text(0))), "bytes");
  report.figure("its link, with its indexes", std::stod(std::string(bytes[0].text(1))), "bytes");
  report.print();
  return 0;
}
