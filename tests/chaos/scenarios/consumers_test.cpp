// Consumers are killed at random points, most of them in the midst of a transaction, while others join and leave: every event is in the
// tape once, in order, under one writer at a time.
#include "tests/chaos/harness/crew.hpp"
#include "tests/chaos/harness/generator.hpp"
#include "tests/chaos/harness/roads.hpp"
#include "tests/chaos/harness/verifier.hpp"
#include "tests/chaos/harness/watcher.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr Milliseconds kSession{1'000};
// The delay in each direction to Postgres. With it a transaction is open nearly all of the time, so that a random point lies within one.
constexpr Milliseconds kDelay{8};
constexpr double kEventsASecond = 800;
constexpr std::uint64_t kRandomEvents = 200;
constexpr int kKillsAJoin = 3;

class Consumers {
 public:
  explicit Consumers(const Parameters& asked)
      : kills_(asked.of_form(6, 200)),
        in_transaction_(asked.of_form(3, 150)),
        events_(asked.of_form<std::int64_t>(25'000, 1'000'000)),
        report_("consumers", asked),
        dice_(asked.seed),
        ground_(report_, {.session_timeout = kSession, .set = {{"WEIR_TAPE_FLUSH_INTERVAL", "10ms"}}}),
        crew_(ground_),
        journal_(ground_.folder() / "journal"),
        generator_({.seed = asked.seed, .events = events_, .rate = kEventsASecond}, topic_road(ground_.kafka(), kEventsTopic), journal_),
        watcher_(ground_) {
    crew_.hire(4);
    crew_.delay(kDelay);
    crew_.start(0);
    crew_.start(1);
  }

  void run() {
    for (int kill = 0; kill < kills_; ++kill) {
      if (kill % kKillsAJoin == 1) join_or_leave();
      Instance& victim = crew_.member(dice_() % 2);
      crew_.await_work(victim);
      await_random_point();
      crew_.calm();
      if (dice_() % 10 != 0) ground_.await("a transaction of it", [&] { return crew_.link(victim).open_transactions() > 0; });
      if (crew_.kill(victim)) ++killed_in_transaction_;
      report_.tell("killed " + victim.name());
      victim.start();
    }
    report_.tell("the last was killed");
    crew_.delay(Milliseconds{0});
    generator_.hurry();
    ground_.await(
        "everything has ended", [&] { return generator_.done() && ground_.tape_caught_up(); }, Milliseconds{600'000});
    crew_.stop();
    report_.figure("kills", kills_);
    report_.witness("kills_in_an_open_transaction", killed_in_transaction_, in_transaction_);
    report_.witness("joins", joins_, 1);
    report_.figure("leaves", leaves_);
    watcher_.finish(report_);
    require_exact(report_, verify_tape(ground_, journal_));
    CHECK(journal_.synced() == events_);
    report_.figure("took", report_.elapsed());
  }

 private:
  /// Waits until the tape holds this many events more.
  void await_random_point() {
    const std::int64_t until = std::min(events_, generator_.acknowledged() + static_cast<std::int64_t>(dice_() % kRandomEvents));
    ground_.await("the random point", [&] { return generator_.acknowledged() >= until; });
  }

  void join_or_leave() {
    const std::size_t index = 2 + dice_() % 2;
    if (crew_.member(index).running()) {
      crew_.member(index).stop_well();
      ++leaves_;
    } else {
      crew_.start(index);
      ++joins_;
    }
  }

  int kills_;
  int in_transaction_;
  std::int64_t events_;
  Report report_;
  std::mt19937_64 dice_;
  Ground ground_;
  Crew crew_;
  Journal journal_;
  Generator generator_;
  Watcher watcher_;
  int killed_in_transaction_ = 0;
  int joins_ = 0;
  int leaves_ = 0;
};

}  // namespace

TEST_CASE("consumers that are killed at random points lose nothing and double nothing") { Consumers(parameters()).run(); }
