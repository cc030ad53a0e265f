// Sessions of the consumers are ended in the midst of a transaction, backends are killed so that the whole server restarts, the server
// stops as in a crash, and the real server refuses any statement of a unit of work. Every event is in the tape once, the first commit comes
// soon after Postgres is ready again, and a consumer that passes over its failed statement in silence moves no position.
#include "tests/chaos/harness/crew.hpp"
#include "tests/chaos/harness/generator.hpp"
#include "tests/chaos/harness/roads.hpp"
#include "tests/chaos/harness/verifier.hpp"
#include "tests/chaos/harness/watcher.hpp"
#include "tests/chaos/scenarios/refusals.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr double kEventsASecond = 1'000;
constexpr std::int64_t kMoreThanEnough = 100'000'000;
constexpr Milliseconds kBrisk{2};   // of each way to Postgres: a transaction is open most of the time
constexpr int kTerminatedEach = 9;  // sessions that are ended for each backend that is killed
constexpr Milliseconds kSoon{10'000};

constexpr const char* kProgress = "SELECT coalesce(sum(next_offset), 0)::bigint FROM weir.consumer_offsets";
// A session of the tape that has a transaction open; 0: none just now.
constexpr const char* kVictim = R"sql(
SELECT coalesce(min(pid), 0) FROM pg_stat_activity WHERE application_name = 'weir tape' AND xact_start IS NOT NULL)sql";

class Servers {
 public:
  Servers(const Parameters& asked, const Report& report, Ground& ground, Journal& journal)
      : backends_(asked.of_form(10, 200)),
        stops_(asked.of_form(2, 30)),
        report_(report),
        dice_(asked.seed),
        ground_(ground),
        crew_(ground),
        generator_({.seed = asked.seed, .events = kMoreThanEnough, .rate = kEventsASecond}, topic_road(ground.kafka(), kEventsTopic),
                   journal) {
    crew_.hire(2, {{"WEIR_TAPE_MAX_RECORDS", "100"}});
    crew_.start(0);
    crew_.start(1);
    crew_.delay(kBrisk);
  }

  void run() {
    await_progress();
    for (int backend = 0; backend < backends_; ++backend) {
      backend % (kTerminatedEach + 1) == kTerminatedEach ? kill_a_backend() : terminate_a_session();
    }
    report_.tell("the last session was ended");
    for (int stop = 0; stop < stops_; ++stop) stop_the_server();
    report_.tell("the server was stopped for the last time");
    end();
  }

 private:
  void await_progress() {
    const auto before = ground_.number(kProgress);
    ground_.await("positions move", [&] { return ground_.try_number(kProgress).value_or(before) > before; });
  }

  void let_pass(Milliseconds time) {
    const Milliseconds until = report_.elapsed() + time;
    ground_.await("a random point", [&] { return report_.elapsed() >= until; });
  }

  std::int64_t await_victim() {
    std::int64_t pid = 0;
    ground_.await("a session has a transaction open", [&] { return (pid = ground_.try_number(kVictim).value_or(0)) != 0; });
    return pid;
  }

  void terminate_a_session() {
    let_pass(Milliseconds{dice_() % 50});
    const std::int64_t pid = await_victim();
    terminated_ += ground_.number("SELECT pg_terminate_backend(" + std::to_string(pid) + ", 5000)::int");
    await_progress();
  }

  void kill_a_backend() {
    const std::int64_t pid = await_victim();
    REQUIRE(kill(static_cast<pid_t>(pid), SIGKILL) == 0);
    // The ground's own session dies with the server, and its next use fails.
    ground_.await("the server has gone down with its backend", [&] { return !ground_.try_number("SELECT 1"); });
    ++killed_;
    await_first_commit();
  }

  void stop_the_server() {
    let_pass(Milliseconds{dice_() % 200});
    local::Postgres& postgres = ground_.services().postgres();
    REQUIRE(postgres.stop(local::Postgres::Shutdown::kImmediate));
    // From no time at all to longer than the consumers' first tries take.
    let_pass(Milliseconds{dice_() % 3'000});
    REQUIRE(postgres.resume());
    ++stopped_;
    await_first_commit();
  }

  void await_first_commit() {
    ground_.await("Postgres answers", [&] { return ground_.try_number("SELECT 1").has_value(); });
    const SteadyInstant ready = clock_.steady();
    await_progress();
    slowest_ = std::max(slowest_, std::chrono::ceil<Milliseconds>(clock_.steady() - ready));
  }

  void end() {
    generator_.stop();
    crew_.delay(Milliseconds{0});
    ground_.await("everything has ended", [&] { return ground_.tape_caught_up(); });
    std::int64_t restarts = 0;
    for (std::size_t i = 0; i < crew_.size(); ++i) restarts += crew_.member(i).running() ? 0 : 1;
    crew_.stop();
    report_.exact("processes_that_ended", restarts, 0);
    report_.witness("sessions_terminated", terminated_, backends_ - killed_);
    report_.witness("backends_killed", killed_, backends_ / (kTerminatedEach + 1));
    report_.witness("immediate_stops", stopped_, stops_);
    report_.figure("slowest_first_commit", slowest_);
    CHECK(slowest_ <= kSoon);
  }

  int backends_;
  int stops_;
  const Report& report_;
  const SystemClock clock_;
  std::mt19937_64 dice_;
  Ground& ground_;
  Crew crew_;
  Generator generator_;
  std::int64_t terminated_ = 0;
  std::int64_t killed_ = 0;
  std::int64_t stopped_ = 0;
  Milliseconds slowest_{0};
};

/// Every SQLSTATE at any statement of a unit of work.
void refuse_units(const Parameters& asked, const Report& report, Refusals& refusals) {
  refusals.start(false);
  refusals.settle();
  for (const std::string_view state : kStates) refusals.hit(report, state, asked.of_form(10, 1'000));
  refusals.stop();
}

/// The consumer passes over its own statement's failure, until the worker gives up.
void pass_over(const Parameters& asked, const Report& report, Refusals& refusals) {
  refusals.start(true);
  for (int unit = 0; unit < asked.of_form(5, 200); ++unit) refusals.pass_over_one();
  report.witness("units_with_a_failure_passed_over", refusals.passed_over(), asked.of_form(5, 200));
  const auto given_up = refusals.pass_over_until_given_up(report);
  REQUIRE_FALSE(given_up);
  CHECK(given_up.error().message.find("given up after 8 tries") == 0);
  refusals.start(true);
  refusals.settle();
  refusals.stop();
}

}  // namespace

TEST_CASE("sessions, backends and servers end, statements are refused: nothing is lost, nothing is doubled, and work goes on at once") {
  const Parameters asked = parameters();
  const Report report("postgres", asked);
  Ground ground(report, {});
  Journal journal(ground.folder() / "journal");
  Watcher watcher(ground);
  Servers(asked, report, ground, journal).run();
  report.tell("the servers were hurt");
  Refusals refusals(asked.seed, ground, journal);
  refuse_units(asked, report, refusals);
  report.tell("every SQLSTATE was met");
  pass_over(asked, report, refusals);
  report.figure("most_attempts_of_one_unit", refusals.most_attempts());
  watcher.finish(report);
  require_exact(report, verify_tape(ground, journal));
  report.figure("took", report.elapsed());
}
