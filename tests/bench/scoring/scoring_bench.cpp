// weir scoring over a backlog of encrypted submissions of 40 items, instruments in equal shares. Beside it, in the same run, the floors of
// its two halves, the part without services on one core, and alignments apart.
#include "common/postgres/connection.hpp"
#include "common/testing/services.hpp"
#include "consumers/scoring/alignments.hpp"
#include "tests/bench/scoring/floors.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/component.hpp"
#include "tests/bench/support/usage.hpp"

#include <fmt/format.h>

namespace {

using namespace weir;
using namespace weir::bench;

constexpr double kShareOfFloors = 0.75;
constexpr double kPureGoal = 100'000;  // submissions a second on one core
constexpr double kMegabyte = 1e6;
constexpr double kMemoryGoal = 200;  // MB
constexpr Milliseconds kBrief{60'000};
constexpr Milliseconds kPatience{900'000};

struct Plan {
  std::int64_t submissions = 100'000;
  std::int64_t unit = 5'000;
  std::int64_t lanes = 1;
  std::int64_t aligned = 1'000;  // users who consent, twenty a project
};

std::int64_t number(postgres::Connection& connection, const std::string& sql) {
  return must(connection.script(sql))[0].get<std::int64_t>(0);
}

/// Submissions a second.
double run_scoring(Report& report, const kafka::Settings& broker, const std::string& prefix, const Load& load, const Plan& plan) {
  auto connection = must(postgres::Connection::open({load.dsn, "weir bench"}));
  Component scoring("scoring", {{"WEIR_KAFKA_BROKERS", broker.brokers},
                                {"WEIR_POSTGRES_DSN", load.dsn},
                                {"WEIR_CONSUMERS_SCORING_START", "earliest"},
                                {"WEIR_CONSUMERS_SCORING_LANES", std::to_string(plan.lanes)},
                                {"WEIR_CONSUMERS_SCORING_MAX_RECORDS", std::to_string(plan.unit)},
                                {"WEIR_CONSUMERS_SCORING_TOPIC_PREFIX", prefix},
                                {"WEIR_ENCRYPTION_MASTER_KEY_FILE", load.master_key}});
  scoring.await(
      "the first claim", kBrief,
      [&] {
        return number(connection, fmt::format("SELECT count(*) FROM weir.consumer_offsets WHERE topic = '{}' AND owner IS NOT NULL",
                                              responses_topic(prefix))) > 0;
      },
      Milliseconds{2});
  const Costs costs(scoring);
  scoring.await(
      "the last submission", kPatience,
      [&] { return number(connection, "SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts") >= plan.submissions; },
      Milliseconds{20});
  const double rate = static_cast<double>(plan.submissions) / costs.seconds();
  report.own("scoring", rate, "events/s");
  costs.add_to(report, "scoring");
  const double memory = static_cast<double>(peak_memory_bytes(scoring.id())) / kMegabyte;
  report.judge(fmt::format("{:.0f} MB, below {:.0f}", memory, kMemoryGoal), memory < kMemoryGoal);
  scoring.stop();
  const std::int64_t scored = number(connection, "SELECT count(*) FROM public.assessment_responses WHERE status = 'scored'");
  const std::int64_t done = number(connection, "SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts WHERE outcome = 'done'");
  if (scored != plan.submissions || done != plan.submissions) {
    const auto ends = must(connection.script("SELECT string_agg(outcome || ' ' || reason || ' ' || n, ', ') FROM weir.outcome_counts"));
    give_up(fmt::format("not exact: {} scored; {}", scored, ends[0].get<std::string>(0)));
  }
  report.figure("scoring: rows of scores", static_cast<double>(number(connection, "SELECT count(*) FROM public.assessment_scores")),
                "rows");
  report.figure("scoring: rows of growth", static_cast<double>(number(connection, "SELECT count(*) FROM public.growth_scores")), "rows");
  return rate;
}

void time_alignments(Report& report, const Load& load, const Plan& plan) {
  auto connection = must(postgres::Connection::open({load.dsn, "weir bench"}));
  must(connection.script(fmt::format(R"sql(
CREATE TEMP TABLE willing AS
  SELECT id, organization_id, row_number() OVER (PARTITION BY organization_id ORDER BY id) / 20 AS circle
    FROM (SELECT * FROM public.users ORDER BY id LIMIT {}) u;
CREATE TEMP TABLE circles AS
  SELECT gen_random_uuid() AS project, organization_id, circle, min(id::text)::uuid AS owner FROM willing GROUP BY organization_id, circle;
INSERT INTO public.projects (id, organization_id, owner_id, name) SELECT project, organization_id, owner, 'P' FROM circles;
INSERT INTO public.project_members (organization_id, project_id, user_id)
  SELECT w.organization_id, project, id FROM willing w JOIN circles USING (organization_id, circle);
INSERT INTO public.consents (organization_id, user_id, scope, granted_at)
  SELECT organization_id, id, 'values_alignment', now() - interval '1 day' FROM willing;
INSERT INTO weir.scoring_marks (kind, subject_id, organization_id) SELECT 'alignment', id, organization_id FROM willing
    ON CONFLICT DO NOTHING)sql",
                                     plan.aligned)));
  const SystemClock clock;
  const bench::Stopwatch watch;
  for (bool more = true; more;) {
    must(connection.begin());
    more = must(scoring::align_marked(connection, "weir.scoring", clock.now()));
    must(connection.commit());
  }
  const double seconds = watch.seconds();
  const auto pairs = static_cast<double>(number(connection, "SELECT count(*) FROM public.values_alignments"));
  report.figure("alignments", pairs / seconds, "rows/s");
  report.figure("alignments: pairs", pairs, "rows");
}

}  // namespace

int main(int count, char** words) {
  Plan plan;
  CommandLine line("weir scoring over a backlog of encrypted submissions of 40 items: exactly once, release build, real services.");
  line.option("submissions", plan.submissions, "in the backlog, ten a user, of five instruments in equal shares")
      .option("unit", plan.unit, "records of a unit of work at most (scoring.max_records)")
      .option("lanes", plan.lanes, "of weir scoring")
      .option("aligned", plan.aligned, "users who consent to be compared, twenty a project");
  Report report = line.parse(count, words);
  kafka::Settings broker;
  broker.brokers = testing::kafka().bootstrap();
  const std::string prefix = testing::topic_prefix() + "cdc";
  const Load load = make_load(plan.submissions);
  const std::string unscored = copy_of(load.dsn);
  publish(broker, prefix, load);
  const double reached = run_scoring(report, broker, prefix, load, plan);
  const auto submissions = static_cast<double>(plan.submissions);
  const ReadScoringFloor reading = read_and_score(broker, prefix, load, plan.unit);
  const double read = submissions / reading.cost.wall;
  report.floor("floor: read, decrypted and scored, nothing written", read, "events/s");
  report.figure("floor, nothing written: this process", reading.cost.cpu, "CPU s");
  const WriteScoringFloor writing = write_results(unscored, reading.units);
  const double write = submissions / writing.wall;
  report.floor("floor: the same rows written, nothing read", write, "events/s");
  report.figure("floor, nothing read: rows", static_cast<double>(writing.rows), "rows");
  const double both = 1 / (1 / read + 1 / write);
  report.figure("reached / floor of one after the other", reached / both, "");
  report.judge(fmt::format("{:.2f} of {:.0f} submissions/s, 0.75 wanted", reached / both, both), reached >= kShareOfFloors * both);
  const ScoringFloor pure = score_in_memory(load);
  report.figure("decrypted and scored in memory, one core", submissions / pure.cpu, "events/s");
  report.judge(fmt::format("{:.0f} submissions/s on one core, {:.0f} wanted", submissions / pure.cpu, kPureGoal),
               submissions / pure.cpu >= kPureGoal);
  time_alignments(report, load, plan);
  report.print();
  return 0;
}
