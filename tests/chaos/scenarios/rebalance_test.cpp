// Members of a group join and leave all the time, often before the last change has settled: each partition has one accepted writer at any
// time, and nothing is lost on the way from one to the next.
#include "tests/chaos/harness/crew.hpp"
#include "tests/chaos/harness/generator.hpp"
#include "tests/chaos/harness/roads.hpp"
#include "tests/chaos/harness/verifier.hpp"
#include "tests/chaos/harness/watcher.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr Milliseconds kSession{6'000};
constexpr double kEventsASecond = 1'000;
constexpr std::int64_t kEndless = 100'000'000;
constexpr std::size_t kMembers = 5;
constexpr std::uint64_t kRandomEvents = 600;

class Rebalance {
 public:
  Rebalance(const Parameters& asked, const std::string& protocol)
      : changes_(asked.of_form(16, 500)),
        report_("rebalance_" + protocol, asked),
        dice_(asked.seed),
        ground_(report_, {.session_timeout = kSession, .set = {{"WEIR_TAPE_FLUSH_INTERVAL", "20ms"}}}),
        crew_(ground_),
        journal_(ground_.folder() / "journal"),
        generator_({.seed = asked.seed, .events = kEndless, .rate = kEventsASecond}, topic_road(ground_.kafka(), kEventsTopic), journal_),
        watcher_(ground_) {
    crew_.hire(kMembers, {{"WEIR_CONSUMERS_TAPE_GROUP_PROTOCOL", protocol}});
    crew_.start(0);
    crew_.await_work(crew_.member(0));
  }

  void run() {
    for (int change = 0; change < changes_; ++change) {
      join_or_leave();
      const std::int64_t until = generator_.acknowledged() + static_cast<std::int64_t>(dice_() % kRandomEvents);
      ground_.await("the next change", [&] { return generator_.acknowledged() >= until; });
    }
    generator_.stop();
    ground_.await("everything has ended", [&] { return ground_.tape_caught_up(); });
    report_.witness("joins_and_leaves", joins_ + leaves_, changes_);
    report_.witness("joins", joins_, changes_ / 3);
    report_.witness("leaves", leaves_, changes_ / 3);
    report_.witness("claims", ground_.number("SELECT sum(epoch)::bigint FROM weir.consumer_offsets"), changes_);
    report_.witness("epochs_that_wrote", ground_.number("SELECT count(DISTINCT (partition, epoch)) FROM tape.events"), changes_ / 2);
    crew_.stop();
    watcher_.finish(report_);
    require_exact(report_, verify_tape(ground_, journal_));
    report_.figure("took", report_.elapsed());
  }

 private:
  /// At least one member always runs.
  void join_or_leave() {
    std::size_t running = 0;
    for (std::size_t i = 0; i < kMembers; ++i) running += crew_.member(i).running() ? 1 : 0;
    std::size_t index = dice_() % kMembers;
    while (running == 1 && crew_.member(index).running()) index = dice_() % kMembers;
    Instance& member = crew_.member(index);
    if (!member.running()) {
      member.start();
      ++joins_;
      return;
    }
    // Before it listens for signals a process just ends; after that it may be told to leave before it has joined.
    ground_.await(member.name() + " to be up", [&] { return member.get("/healthz").has_value(); });
    member.stop_well();
    ++leaves_;
  }

  int changes_;
  Report report_;
  std::mt19937_64 dice_;
  Ground ground_;
  Crew crew_;
  Journal journal_;
  Generator generator_;
  Watcher watcher_;
  int joins_ = 0;
  int leaves_ = 0;
};

}  // namespace

TEST_CASE("members that join and leave write one at a time where they share out partitions among themselves") {
  Rebalance(parameters(), "classic").run();
}

TEST_CASE("members that join and leave write one at a time where the broker shares them out") { Rebalance(parameters(), "consumer").run(); }
