// The wall clock of weir's processes, and of nobody else, is set forwards and back by hours and days while executions are written, some
// late, some at the edges of the times that still count: no decision of weir depends on that clock.
#include "common/testing/services.hpp"
#include "tests/chaos/harness/stepped_clock.hpp"
#include "tests/chaos/scenarios/spine_stage.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr const char* kExecutions = "weir.cdc.public.agent_executions";
constexpr double kLate = 0.1;
constexpr double kEdges = 0.04;
constexpr Milliseconds kPatienceToRead{10'000};
constexpr std::int64_t kMarker = 1;  // offsets that a transaction's end takes

struct Step {
  const char* name;
  Milliseconds offset;
  Milliseconds within;  // changes made under that clock are seen within this time
};

// A right clock cannot be mistaken for a clock that is 500 ms behind: by a right clock nothing is published before its commit.
constexpr std::array<Step, 5> kSteps{{{"hour_ahead", std::chrono::hours{1}, Milliseconds{60'000}},
                                      {"hour_behind", -std::chrono::hours{1}, Milliseconds{60'000}},
                                      {"day_ahead", std::chrono::days{1}, Milliseconds{60'000}},
                                      {"day_behind", -std::chrono::days{1}, Milliseconds{60'000}},
                                      {"half_a_second_behind", Milliseconds{-500}, Milliseconds{499}}}};

// A window's row and a position that one transaction wrote: the first bears rollups' time, the second that of the transaction's begin.
std::string windows_written_by(const Step& step) {
  return fmt::format(
      R"(
SELECT count(*)
  FROM public.agent_metrics m
  JOIN weir.consumer_offsets o ON o.xmin::text = m.xmin::text
 WHERE m.updated_at - o.updated_at BETWEEN interval '{} ms' AND interval '{} ms')",
      step.offset.count(), (step.offset + step.within).count());
}

// What the rules make of the executions, each by the dice that decided how it was written: those whose end lies beyond the edges are
// refused as new ones, and passed over later if they are too old by then; one with a value out of its domain is refused with each change.
constexpr const char* kExpected = R"sql(
WITH e AS (
  SELECT steady.dice(n, 10, {seed}) < 0.002 AS broken, steady.dice(n, 12, {seed}) < 0.01 AS deleted,
         steady.dice(n, 12, {seed}) BETWEEN 0.01 AND 0.07 AS touched,
         steady.dice(n, 2, {seed}) < 0.98 AND steady.dice(n, 14, {seed}) >= 0.25 * {edges} AND steady.dice(n, 14, {seed}) < 0.5 * {edges} AS ahead,
         steady.dice(n, 2, {seed}) < 0.98 AND steady.dice(n, 14, {seed}) >= 0.75 * {edges} AND steady.dice(n, 14, {seed}) < {edges} AS old
    FROM generate_series(0, {last}) n
)
SELECT {what} FROM e)sql";

struct Account {
  const char* outcome;
  const char* reason;
  const char* expected;
};
constexpr std::array<Account, 5> kAccounts{
    {{"dead", "out_of_domain", "count(*) FILTER (WHERE broken) + count(*) FILTER (WHERE broken AND touched)"},
     {"dead", "too_far_in_future",
      "count(*) FILTER (WHERE ahead AND NOT broken) + count(*) FILTER (WHERE ahead AND NOT broken AND touched)"},
     {"dead", "too_old", "count(*) FILTER (WHERE old AND NOT broken)"},
     {"skipped", "frozen", "count(*) FILTER (WHERE old AND NOT broken AND (touched OR deleted))"},
     // Queued, running; and the deletion of what never counted.
     {"skipped", "not_ended", "2 * count(*) + count(*) FILTER (WHERE deleted AND (broken OR ahead))"}}};

// They are accounted for by their outcomes; the rest is recomputed.
constexpr const char* kForgetRefused = R"sql(
DELETE FROM public.agent_executions USING generate_series(0, {last}) n
 WHERE id = steady.id(n, {seed}) AND steady.dice(n, 2, {seed}) < 0.98
   AND (steady.dice(n, 14, {seed}) >= 0.25 * {edges} AND steady.dice(n, 14, {seed}) < 0.5 * {edges}
        OR steady.dice(n, 14, {seed}) >= 0.75 * {edges} AND steady.dice(n, 14, {seed}) < {edges}))sql";

/// How far cdc's clock was from the source's when it published a change.
std::optional<Milliseconds> offset_of_cdc(simdjson::dom::parser& parser, const kafka::StoredRecord& record) {
  simdjson::dom::object envelope;
  std::int64_t written = 0;
  std::int64_t committed = 0;
  if (!record.value || parser.parse(*record.value).get(envelope) != simdjson::SUCCESS) return std::nullopt;
  if (envelope["ts_ms"].get(written) != simdjson::SUCCESS || envelope["source"]["ts_ms"].get(committed) != simdjson::SUCCESS)
    return std::nullopt;
  return Milliseconds{written - committed};
}

class WrongClock {
 public:
  explicit WrongClock(const Parameters& asked)
      : rounds_(asked.of_form(1, 12)),
        seed_(asked.seed),
        report_("clock", asked),
        dice_(asked.seed),
        clock_(testing::scratch() / "clock"),
        stage_(report_, asked, {.environment = clock_.environment(), .until_settled = true, .late = kLate, .edges = kEdges}) {}

  void run() {
    stage_.warm_up();
    const Milliseconds hold = stage_.duration() / static_cast<int>(rounds_ * kSteps.size());
    std::array<Step, kSteps.size()> steps = kSteps;
    for (int round = 0; round < rounds_; ++round) {
      std::shuffle(steps.begin(), steps.end(), dice_);
      for (const Step& step : steps) take(step, hold);
    }
    clock_.set(Milliseconds{0});
    report_.tell("the clock is right again");
    stage_.settle();
    stage_.stop();
    witness();
    account();
    verify();
    report_.figure("took", report_.elapsed());
  }

 private:
  void take(const Step& step, Milliseconds hold) {
    const Milliseconds since = report_.elapsed();
    clock_.set(step.offset);
    report_.tell(step.name);
    const std::string written = windows_written_by(step);
    stage_.await(std::string(step.name) + ": rollups goes by it", [&] { return stage_.ground().try_number(written).value_or(0) > 0; });
    ++seen_by_rollups_[step.name];
    stage_.await(std::string(step.name) + ": cdc goes by it", [&] { return cdc_goes_by(step); });
    ++seen_by_cdc_[step.name];
    stage_.await("the while that it lasts", [&] { return report_.elapsed() - since >= hold; });
    stage_.recover();
  }

  /// Among the newest changes of each partition is one that bears its time. The last offset may be that of a transaction's marker.
  bool cdc_goes_by(const Step& step) {
    std::map<std::int32_t, std::int64_t> newest;
    const auto topics = stage_.ground().admin().describe_topics({kExecutions});
    if (!topics || topics->empty()) return false;
    for (std::int32_t partition = 0; partition < topics->front().partitions; ++partition) {
      const auto range = stage_.ground().admin().range(kExecutions, partition);
      if (range) newest[partition] = std::max(range->begin, range->end - kMarker - 1);
    }
    const auto records = kafka::first_records(stage_.ground().kafka(), kExecutions, newest, kPatienceToRead);
    return records && std::ranges::any_of(*records, [&](const kafka::StoredRecord& record) {
             const auto off = offset_of_cdc(parser_, record);
             return off && *off >= step.offset - Milliseconds{1} && *off <= step.offset + step.within;
           });
  }

  void witness() {
    for (const Step& step : kSteps) {
      report_.witness(std::string("seen_by_rollups_") + step.name, seen_by_rollups_[step.name], rounds_);
      report_.witness(std::string("seen_by_cdc_") + step.name, seen_by_cdc_[step.name], rounds_);
    }
  }

  void account() {
    for (const Account& row : kAccounts) {
      const std::int64_t found = stage_.ground().number(
          fmt::format("SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts WHERE topic = '{}' AND outcome = '{}' AND reason = '{}'",
                      kExecutions, row.outcome, row.reason));
      report_.exact(std::string(row.outcome) + "_" + row.reason, found, stage_.ground().number(about_executions(kExpected, row.expected)));
    }
    report_.exact(
        "windows_final_before_their_end",
        stage_.ground().number("SELECT count(*) FROM public.agent_metrics WHERE is_final AND window_start > now() - interval '5 minutes'"),
        0);
  }

  [[nodiscard]] std::string about_executions(const char* sql, const char* what = "") const {
    return fmt::format(fmt::runtime(sql), fmt::arg("seed", seed_), fmt::arg("edges", kEdges), fmt::arg("last", stage_.executions() - 1),
                       fmt::arg("what", what));
  }

  void verify() {
    auto connection = stage_.ground().connect();
    REQUIRE_MESSAGE(connection, connection.error().line());
    const auto forgotten = connection->script(about_executions(kForgetRefused));
    REQUIRE_MESSAGE(forgotten, forgotten.error().line());
    stage_.verify();
    report_.figure("executions", stage_.executions());
  }

  int rounds_;
  std::uint64_t seed_;
  Report report_;
  std::mt19937_64 dice_;
  SteppedClock clock_;
  SpineStage stage_;
  simdjson::dom::parser parser_;
  std::map<std::string, std::int64_t> seen_by_rollups_;
  std::map<std::string, std::int64_t> seen_by_cdc_;
};

}  // namespace

TEST_CASE("whatever the time of day is in weir's processes, what they count is the same") {
  const Parameters asked = parameters();
  if (!SteppedClock::possible()) {
    MESSAGE("not run under a sanitizer");
    return;
  }
  WrongClock(asked).run();
}
