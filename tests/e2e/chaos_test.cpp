// 100,000 executions through cdc, Kafka and two instances of rollups, while both instances, the broker and Postgres are hurt: every count
// and sum in agent_metrics equals plain SQL over the source rows. Nothing is lost and nothing is counted twice.
#include "common/local/await.hpp"
#include "common/testing/services.hpp"
#include "tests/e2e/steady_load.hpp"
#include "weir/demo/random.hpp"
#include "weir/demo/stage.hpp"
#include "weir/demo/verify.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Milliseconds kPatience{240'000};
constexpr Milliseconds kStep{50};
constexpr std::int64_t kExecutions = 100'000;
constexpr std::int64_t kChangesEach = 3;
constexpr int kKills = 5;

// How many owners the partitions have between them; 0 while one has none.
constexpr const char* kOwners =
    "SELECT CASE WHEN bool_and(owner IS NOT NULL) THEN count(DISTINCT owner) ELSE 0 END FROM weir.consumer_offsets";

constexpr const char* kWithoutOwner = R"sql(
SELECT count(*) FROM weir.consumer_offsets o
 WHERE NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid || '@' || a.backend_start = o.owner))sql";

// Partitions whose events go one at a time after a second death. A third death there would bury the event in hand, as it should: that is
// the runtime's own test, and no innocent event may stand in for it here.
constexpr const char* kOneAtATime =
    "SELECT count(*) FROM weir.consumer_offsets WHERE deaths > 1 AND topic = 'weir.cdc.public.agent_executions'";

std::uint64_t seed() {
  const char* text = std::getenv("WEIR_CHAOS_SEED");
  return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
}

class Chaos {
 public:
  explicit Chaos(std::uint64_t seed_of_run) : dice_(seed_of_run), stage_(stage_options(), clock_) {
    require(stage_.prepare());
    require(stage_.start_components([] { return false; }));
    load_.emplace(SteadyLoadOptions{stage_.dsn(), seed_of_run, kExecutions, 200}, demo::make_world(dice_, {}));
    require(load_->settle());
    load_->start();
  }

  /// One of the two instances of rollups, by the dice.
  std::string victim() { return dice_.chance(0.5) ? "rollups-1" : "rollups-2"; }

  /// Hurts in the midst of the next eighth of the load, which begins when both instances have partitions again.
  template <class Hurt>
  void next(Hurt hurt) {
    await_true([&] { return number(kOwners).value_or(0) == 2 && number(kWithoutOwner).value_or(1) == 0; });
    const double begin = eighths_ / 8.0;
    load_->allow(++eighths_ / 8.0);
    await_progress(begin + 0.03);
    await_true([&] { return number(kOneAtATime).value_or(1) == 0; });
    hurt();
  }

  void kill(const std::string& name) {
    const int before = stage_.supervisor().restarts();
    stage_.supervisor().signal(name, SIGKILL);
    await_true([&] { return stage_.supervisor().restarts() > before; });
  }

  /// Stops a process until all partitions are the other's, then lets it go on with what it had in hand.
  void stop_past_the_session(const std::string& name) {
    stage_.supervisor().signal(name, SIGSTOP);
    await_true([&] { return number(kOwners).value_or(0) == 1; });
    stage_.supervisor().signal(name, SIGCONT);
    tell(name + " was stopped past its session, and goes on");
  }

  void restart_broker() {
    require(stage_.services().kafka().restart(local::Kafka::Shutdown::kKill));
    tell("the broker was killed and is back");
  }
  void restart_postgres() {
    require(stage_.services().postgres().restart(local::Postgres::Shutdown::kFast));
    tell("Postgres was restarted");
  }

  demo::Verdict settle_and_verify() {
    await_true([&] { return load_->done(); });
    tell("everything is written");
    REQUIRE_MESSAGE(!load_->fault().has_value(), load_->fault().value_or(Fault{}).line());
    auto admin = value(kafka::Admin::open(stage_.kafka()));
    const demo::Expectation expectation;
    const std::string lsn = value(connection().query("lsn", "SELECT pg_current_wal_lsn()::text"))[0].get<std::string>(0);
    std::string waits_for;
    await_true([&] {
      const auto rest = demo::unsettled(connection(), *admin, expectation, lsn);
      waits_for = rest ? *rest : rest.error().line();
      return waits_for.empty();
    });
    INFO(waits_for);
    tell("everything has ended");
    require(stage_.stop_components());
    return value(demo::verify(connection(), *admin, expectation));
  }

  [[nodiscard]] int restarts() { return stage_.supervisor().restarts(); }

 private:
  /// Waits until the group has ended `share` of the records that there will be at least.
  void await_progress(double share) {
    const auto wanted = static_cast<std::int64_t>(share * static_cast<double>(kExecutions * kChangesEach));
    await_true([&] { return number("SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts").value_or(0) >= wanted; });
    tell(std::to_string(wanted) + " records have ended");
  }

  demo::StageOptions stage_options() {
    demo::StageOptions options;
    options.executable = weir_executable();
    options.rollups = 2;
    options.gateway = false;
    options.session_timeout = Seconds{6};
    options.notice = [this](const supervise::Notice& notice) {
      if (notice.kind == supervise::Notice::Kind::kEnded) tell(notice.name + " ended with " + notice.status.text());
    };
    return options;
  }

  // What happened when, for whoever reads a failed run.
  void tell(const std::string& what) {
    const auto since = std::chrono::duration_cast<Milliseconds>(clock_.steady() - begin_);
    std::fprintf(stderr, "%7.1f s  %s\n", static_cast<double>(since.count()) / 1e3, what.c_str());
  }

  template <class T>
  T value(Result<T> result) {
    REQUIRE_MESSAGE(result.has_value(), result.error().line());
    return std::move(*result);
  }

  void require(const Result<void>& result) { REQUIRE_MESSAGE(result.has_value(), explain(result)); }

  std::string explain(const Result<void>& result) const {
    if (result) return {};
    return result.error().line() + "\n" + stage_.log_tail("cdc") + stage_.log_tail("rollups-1") + stage_.log_tail("rollups-2");
  }

  postgres::Connection& connection() {
    if (!connection_ || !connection_->usable()) connection_.emplace(value(stage_.connect("chaos")));
    return *connection_;
  }

  std::optional<std::int64_t> number(const std::string& sql) {
    if (connection_ && !connection_->usable()) connection_.reset();
    if (!connection_) {
      auto opened = stage_.connect("chaos");
      if (!opened) return std::nullopt;
      connection_.emplace(std::move(*opened));
    }
    const auto rows = connection_->script(sql);
    return rows ? std::optional((*rows)[0].get<std::int64_t>(0)) : std::nullopt;
  }

  void await_true(const std::function<bool()>& condition) {
    Result<void> tended;
    const bool came = local::await(
        kPatience,
        [&] {
          tended = stage_.tend();
          return !tended || condition();
        },
        kStep);
    require(tended);
    REQUIRE_MESSAGE(came, stage_.log_tail("cdc") << stage_.log_tail("rollups-1") << stage_.log_tail("rollups-2"));
  }

  SystemClock clock_;
  SteadyInstant begin_ = clock_.steady();
  demo::Random dice_;
  demo::Stage stage_;
  std::optional<SteadyLoad> load_;
  int eighths_ = 0;  // of the load that may be written
  std::optional<postgres::Connection> connection_;
};

}  // namespace

TEST_CASE("kills, a stopped instance and restarts of the services lose nothing and double nothing") {
  const std::uint64_t chosen = seed();
  CAPTURE(chosen);
  Chaos chaos(chosen);
  const auto kill = [&] { chaos.kill(chaos.victim()); };
  chaos.next(kill);
  chaos.next(kill);
  chaos.next([&] { chaos.stop_past_the_session(chaos.victim()); });
  chaos.next(kill);
  chaos.next([&] { chaos.restart_broker(); });
  chaos.next(kill);
  chaos.next([&] { chaos.restart_postgres(); });
  chaos.next(kill);
  const demo::Verdict verdict = chaos.settle_and_verify();
  for (std::size_t index = 0; index < verdict.differences.size() && index < 20; ++index) MESSAGE(verdict.differences[index]);
  MESSAGE(verdict.line());
  CHECK(verdict.lost == 0);
  CHECK(verdict.doubled == 0);
  CHECK(verdict.differences.empty());
  CHECK(verdict.records > kExecutions * kChangesEach);
  CHECK(verdict.dead > 0);
  CHECK(chaos.restarts() == kKills);
}
