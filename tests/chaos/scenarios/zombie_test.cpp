// A consumer is stopped in the midst of a transaction for longer than its session, another takes its partitions over and goes on, and then
// the first wakes with all that it had in hand, its COMMIT perhaps on the way: nothing of it is accepted.
#include "tests/chaos/harness/crew.hpp"
#include "tests/chaos/harness/generator.hpp"
#include "tests/chaos/harness/roads.hpp"
#include "tests/chaos/harness/verifier.hpp"
#include "tests/chaos/harness/watcher.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr Milliseconds kSession{1'000};
constexpr Milliseconds kDelay{8};
constexpr double kEventsASecond = 1'500;
constexpr std::int64_t kEndless = 100'000'000;
constexpr std::int64_t kEventsAfterTakeover = 500;

class Zombie {
 public:
  explicit Zombie(const Parameters& asked)
      : rounds_(asked.of_form(3, 50)),
        report_("zombie", asked),
        dice_(asked.seed),
        ground_(report_, {.session_timeout = kSession, .set = {{"WEIR_TAPE_FLUSH_INTERVAL", "10ms"}}}),
        crew_(ground_),
        journal_(ground_.folder() / "journal"),
        generator_({.seed = asked.seed, .events = kEndless, .rate = kEventsASecond}, topic_road(ground_.kafka(), kEventsTopic), journal_),
        watcher_(ground_) {
    crew_.hire(2);
    crew_.delay(kDelay);
    crew_.start(0);
    crew_.start(1);
  }

  void run() {
    while (stopped_in_transaction_ < rounds_) round();
    generator_.stop();
    ground_.await("everything has ended", [&] { return ground_.tape_caught_up(); });
    report_.witness("stopped_in_an_open_transaction", stopped_in_transaction_, rounds_);
    report_.exact("fenced", fenced_, rounds_);
    report_.figure("found_fenced_by_the_zombie_itself", std::llround(fenced_metric()));
    crew_.stop();
    watcher_.finish(report_);
    const TapeVerdict verdict = verify_tape(ground_, journal_);
    report_.exact("accepted_from_the_zombie", verdict.two_writers, 0);
    require_exact(report_, verdict);
    report_.figure("took", report_.elapsed());
  }

 private:
  void round() {
    ground_.await("both have partitions", [&] { return owners() == 2; });
    crew_.calm();
    Instance& zombie = crew_.member(dice_() % 2);
    Proxy& link = crew_.link(zombie);
    ground_.await("a transaction of it", [&] { return link.open_transactions() > 0; });
    // Every other time the proxy holds its last message, perhaps a COMMIT, until the process is a zombie.
    const bool held = stopped_in_transaction_ % 2 == 1;
    if (held) link.partition();
    zombie.pause();
    if (link.open_transactions() == 0) {
      link.heal();
      link.delay(kDelay);
      zombie.resume();
      return;
    }
    ++stopped_in_transaction_;
    const std::string its_sessions = sessions_through(link);
    ground_.await("another has taken over", [&] { return owners() == 1; });
    const std::int64_t taken = counted();
    ground_.await("and goes on", [&] { return counted() >= taken + kEventsAfterTakeover; });
    // The claim has ended the zombie's session, and its transaction with it.
    if (ground_.number("SELECT count(*) FROM pg_stat_activity WHERE client_port IN (" + its_sessions + ") AND xact_start IS NOT NULL") ==
        0) {
      ++fenced_;
    }
    zombie.resume();
    link.heal();
    link.delay(kDelay);
    ground_.await("it has partitions again", [&] { return owners() == 2; });
    report_.tell(zombie.name() + " was a zombie");
  }

  /// How many processes own the partitions; 0 while a partition has no living owner.
  [[nodiscard]] std::int64_t owners() {
    return ground_
        .try_number(R"sql(
SELECT CASE WHEN bool_and(a.pid IS NOT NULL) THEN count(DISTINCT o.owner) ELSE 0 END
  FROM weir.consumer_offsets o LEFT JOIN pg_stat_activity a ON o.owner = a.pid || '@' || a.backend_start::text
 WHERE o.group_id = 'weir.tape')sql")
        .value_or(0);
  }

  [[nodiscard]] std::int64_t counted() {
    return ground_.try_number("SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts").value_or(0);
  }

  /// Its sessions by the ports that the server sees; "-1" where it has none.
  [[nodiscard]] static std::string sessions_through(const Proxy& link) {
    std::string ports = "-1";
    for (const int port : link.server_side_ports()) ports += "," + std::to_string(port);
    return ports;
  }

  [[nodiscard]] double fenced_metric() {
    double sum = 0;
    for (std::size_t i = 0; i < crew_.size(); ++i) {
      sum += crew_.member(i).metric("weir_commits_in_doubt_total{found=\"fenced\"}").value_or(0);
    }
    return sum;
  }

  int rounds_;
  Report report_;
  std::mt19937_64 dice_;
  Ground ground_;
  Crew crew_;
  Journal journal_;
  Generator generator_;
  Watcher watcher_;
  int stopped_in_transaction_ = 0;
  int fenced_ = 0;
};

}  // namespace

TEST_CASE("nothing is accepted from a consumer that was stopped past its session") { Zombie(parameters()).run(); }
