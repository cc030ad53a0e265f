// One event in a thousand cannot be taken, in twelve ways, one of which kills the process: each is a dead letter that says why, every other
// event is taken, and no event kills more than three processes. A letter of one that kills, sent through again, kills three more.
#include "tests/chaos/harness/crew.hpp"
#include "tests/chaos/harness/generator.hpp"
#include "tests/chaos/harness/roads.hpp"
#include "tests/chaos/harness/verifier.hpp"
#include "tests/chaos/harness/watcher.hpp"

#include <doctest/doctest.h>

#include <csignal>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr Milliseconds kSession{1'000};
constexpr std::int64_t kPoisonEach = 1'000;
constexpr std::int64_t kDeaths = 3;

class Poisoned {
 public:
  explicit Poisoned(const Parameters& asked)
      : report_("poison", asked),
        ground_(report_, {.session_timeout = kSession}),
        crew_(ground_),
        journal_(ground_.folder() / "journal"),
        generator_({.seed = asked.seed, .events = asked.of_form<std::int64_t>(24'000, 300'000), .poison_each = kPoisonEach},
                   topic_road(ground_.kafka(), kEventsTopic), journal_),
        watcher_(ground_) {
    crew_.hire(2);
    crew_.start(0);
    crew_.start(1);
  }

  void run() {
    ground_.await(
        "everything has ended",
        [&] {
          start_the_dead();
          return generator_.done() && ground_.tape_caught_up();
        },
        Milliseconds{1'800'000});
    const std::int64_t crashes = crashes_;
    send_a_killer_through_again();
    crew_.stop();
    watcher_.finish(report_);
    require_exact(report_, verify_tape(ground_, journal_));
    for (const Poison& poison : kPoisons) {
      const std::string name(poison.name);
      report_.witness("dead_by_" + name, dead_by(name), 1);
    }
    const std::int64_t crash_events = dead_by("crash");
    report_.figure("crashes", crashes);
    // Two such events in the hands of one process share its deaths.
    CHECK(crashes >= kDeaths);
    CHECK(crashes <= kDeaths * crash_events);
    report_.exact("crashes_of_a_letter", crashes_ - crashes, kDeaths);
    report_.exact("lag", ground_.tape_lag().value_or(-1), 0);
    report_.figure("took", report_.elapsed());
  }

 private:
  void send_a_killer_through_again() {
    const std::string letter = ground_.text("SELECT min(id)::text FROM weir.dead_letters WHERE kind = 'crash'");
    REQUIRE(ground_.weir({"dlq", "redrive", "--id", letter, "--by", "ada", "--why", "to see"}));
    ground_.await("the letter is dead again", [&] {
      start_the_dead();
      return ground_.number("SELECT count(*) FROM weir.dead_letters WHERE status = 'dead' AND attempts = 2 AND id = " + letter) == 1;
    });
  }

  void start_the_dead() {
    for (std::size_t i = 0; i < crew_.size(); ++i) {
      Instance& member = crew_.member(i);
      if (member.running()) continue;
      const auto status = member.wait_for(Milliseconds{0});
      REQUIRE(status);
      REQUIRE_MESSAGE(status->signal == SIGSEGV, member.name() << ": " << status->text() << "\n" << member.log_tail());
      ++crashes_;
      member.start();
    }
  }

  [[nodiscard]] std::int64_t dead_by(const std::string& poison) {
    std::int64_t count = 0;
    for (const Acknowledged& entry : journal_.read()) count += entry.event.poison == poison ? 1 : 0;
    return count;
  }

  Report report_;
  Ground ground_;
  Crew crew_;
  Journal journal_;
  Generator generator_;
  Watcher watcher_;
  std::int64_t crashes_ = 0;
};

}  // namespace

TEST_CASE("what cannot be taken is a dead letter, and everything else is taken") { Poisoned(parameters()).run(); }
