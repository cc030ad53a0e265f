// The connection is cut before COMMIT goes through, or after it did and before its answer came: either way the consumer does not know,
// asks, and goes on from what is true.
#include "tests/chaos/harness/crew.hpp"
#include "tests/chaos/harness/generator.hpp"
#include "tests/chaos/harness/roads.hpp"
#include "tests/chaos/harness/verifier.hpp"
#include "tests/chaos/harness/watcher.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr Milliseconds kSession{6'000};
constexpr double kEventsASecond = 2'000;
constexpr std::int64_t kEndless = 100'000'000;
constexpr std::size_t kMembers = 2;

/// The statement by which a unit of work moves its positions: other transactions of the consumer commit unhurt.
constexpr const char* kMove = "ledger_move";

class InDoubt {
 public:
  explicit InDoubt(const Parameters& asked)
      : cuts_each_(asked.of_form(20, 500)),
        report_("in_doubt", asked),
        dice_(asked.seed),
        ground_(report_, {.session_timeout = kSession, .set = {{"WEIR_TAPE_FLUSH_INTERVAL", "20ms"}}}),
        crew_(ground_),
        journal_(ground_.folder() / "journal"),
        generator_({.seed = asked.seed, .events = kEndless, .rate = kEventsASecond}, topic_road(ground_.kafka(), kEventsTopic), journal_),
        watcher_(ground_) {
    crew_.hire(kMembers);
    for (std::size_t i = 0; i < kMembers; ++i) crew_.start(i);
  }

  void run() {
    for (std::size_t i = 0; i < kMembers; ++i) crew_.await_work(crew_.member(i));
    std::array<std::int64_t, 2> left{cuts_each_, cuts_each_};  // before, after
    while (left[0] + left[1] > 0) {
      std::uint64_t which = dice_() % 2;
      if (left[which] == 0) which = 1 - which;
      --left[which];
      Proxy& link = crew_.link(dice_() % kMembers);
      // Some cuts follow each other at once, others have commits between them.
      const std::int64_t commits = link.counters().commits + static_cast<std::int64_t>(dice_() % 4);
      ground_.await("commits between the cuts", [&] { return link.counters().commits >= commits; });
      link.set(CommitTrap{.when = which == 0 ? CommitCut::kBefore : CommitCut::kAfter, .of = kMove});
      ground_.await("the COMMIT to be cut", [&] { return link.traps_waiting() == 0; });
    }
    generator_.stop();
    ground_.await("everything has ended", [&] { return ground_.tape_caught_up(); });
    say_what_was_found();
    crew_.stop();
    watcher_.finish(report_);
    require_exact(report_, verify_tape(ground_, journal_));
    report_.figure("took", report_.elapsed());
  }

 private:
  [[nodiscard]] std::int64_t found(const std::string& what) {
    double sum = 0;
    for (std::size_t i = 0; i < kMembers; ++i) {
      sum += crew_.member(i).metric("weir_commits_in_doubt_total{found=\"" + what + "\"}").value_or(0);
    }
    return std::llround(sum);
  }

  void say_what_was_found() {
    std::int64_t before = 0;
    std::int64_t after = 0;
    for (std::size_t i = 0; i < kMembers; ++i) {
      before += crew_.link(i).counters().commits_cut_before;
      after += crew_.link(i).counters().commits_cut_after;
    }
    report_.witness("cut_before_commit", before, cuts_each_);
    report_.witness("cut_after_commit", after, cuts_each_);
    const std::int64_t committed = found("committed");
    const std::int64_t not_committed = found("not_committed");
    report_.exact("found_committed", committed, after);
    report_.exact("found_not_committed", not_committed, before);
    report_.exact("found_fenced", found("fenced"), 0);
    report_.exact("unresolved", before + after - committed - not_committed, 0);
  }

  std::int64_t cuts_each_;
  Report report_;
  std::mt19937_64 dice_;
  Ground ground_;
  Crew crew_;
  Journal journal_;
  Generator generator_;
  Watcher watcher_;
};

}  // namespace

TEST_CASE("a commit in doubt is neither lost nor done twice") { InDoubt(parameters()).run(); }
