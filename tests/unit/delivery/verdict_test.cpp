// What a verdict comes to for its job and for its account, and until when a call may begin.
#include "common/delivery/verdict.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::delivery;

namespace {

Job job_with(int tries) {
  Job job;
  job.tries = tries;
  return job;
}

Consequence of(const Verdict& verdict, int tries = 0, Blame blame = Blame::kJob, const Terms& terms = {}) {
  return consequence(verdict, job_with(tries), terms, blame, 0);
}

template <class... Kinds>
std::vector<Verdict> verdicts(Kinds... kinds) {
  std::vector<Verdict> list;
  (list.push_back(std::move(kinds)), ...);
  return list;
}

}  // namespace

TEST_CASE("after a failure the job is tried again after 1, 2 and 4 seconds, and after the fourth no more") {
  for (const Verdict& verdict : verdicts(Postponed{}, Unknown{})) {
    CHECK(of(verdict, 0).again_in == Microseconds{1s});
    CHECK(of(verdict, 1).again_in == Microseconds{2s});
    CHECK(of(verdict, 2).again_in == Microseconds{4s});
    CHECK_FALSE(of(verdict, 3).again_in.has_value());
    CHECK(of(verdict, 3).is_spent);
  }
}

TEST_CASE("the time that the provider said wins over the schedule, and gives no further try") {
  CHECK(of(Postponed{"", 90s}, 1).again_in == Microseconds{90s});
  CHECK(of(Postponed{"", 0s}, 1).again_in == Microseconds{0s});
  CHECK_FALSE(of(Postponed{"", 90s}, 3).again_in.has_value());
}

TEST_CASE("with jitter the pause is between nothing and the schedule's") {
  Terms terms;
  terms.is_jittered = true;
  CHECK(consequence(Postponed{}, job_with(1), terms, Blame::kJob, 0).again_in == Microseconds{0});
  CHECK(consequence(Postponed{}, job_with(1), terms, Blame::kJob, 2'000).again_in == Microseconds{2s});
  CHECK(consequence(Postponed{}, job_with(1), terms, Blame::kJob, 2'001).again_in == Microseconds{0});
}

TEST_CASE("an accepted or refused job is not tried again") {
  CHECK_FALSE(of(Accepted{}).again_in.has_value());
  CHECK_FALSE(of(Refused{}).again_in.has_value());
}

TEST_CASE("a pause, a division and a call that was not made spend no try") {
  for (const Verdict& verdict : verdicts(Paused{}, Divided{}, NotBegun{})) {
    CHECK_FALSE(of(verdict, 3).is_spent);
    CHECK(of(verdict, 3).again_in == Microseconds{0});
  }
}

TEST_CASE("a failure of the account spends no try of the job's") {
  for (const Verdict& verdict : verdicts(Postponed{}, Unknown{})) {
    CHECK_FALSE(of(verdict, 3, Blame::kAccount).is_spent);
    CHECK(of(verdict, 3, Blame::kAccount).again_in == Microseconds{0});
  }
  CHECK(of(Postponed{"", 5s}, 3, Blame::kAccount).again_in == Microseconds{5s});
}

TEST_CASE("an account that asks to wait waits, whatever else the verdicts of a call say, and an account that answers works") {
  CHECK(sign_of(verdicts(Accepted{}, Paused{}, Postponed{})) == AccountSign::kWait);
  CHECK(sign_of(verdicts(Postponed{}, Accepted{})) == AccountSign::kWorks);
  CHECK(sign_of(verdicts(Refused{})) == AccountSign::kWorks);
  CHECK(sign_of(verdicts(Divided{}, Divided{})) == AccountSign::kWorks);
  CHECK(sign_of(verdicts(Postponed{}, Unknown{})) == AccountSign::kFails);
}

TEST_CASE("of several pauses the longest counts, and its reason is told") {
  CHECK(asked_pause(verdicts(Paused{"", 3s}, Paused{"", 5s}, Paused{})) == Microseconds{5s});
  CHECK_FALSE(asked_pause(verdicts(Paused{}, Postponed{"", 9s})).has_value());
  CHECK(pause_reason(verdicts(Accepted{}, Paused{"too many", {}})) == "too many");
  CHECK(pause_reason(verdicts(Accepted{})).empty());
}

TEST_CASE("a call begins while all of its timeout is left of the lease, within the time of its tokens, and before its job expires") {
  const SteadyInstant asked{1h};
  CHECK(begin_by(asked, 60s, 2s, 10s, Microseconds::max()) == asked + 2s);
  CHECK(begin_by(asked, 11s, 2s, 10s, Microseconds::max()) == asked + 1s);
  CHECK(begin_by(asked, 60s, 2s, 10s, 500ms) == asked + 500ms);
}
