// Which calls of one account may begin, and how attempts end, over time that is given to it.
#include "common/delivery/account.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <utility>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::delivery;

namespace {

const SteadyInstant kStart{std::chrono::hours{1'000}};

/// An account, and what it gave out to be reported.
struct Desk {
  explicit Desk(Terms its_terms) : terms(its_terms), account(its_terms) {}

  void add(int number, SteadyInstant now, int tries = 0, bool is_alone = false) {
    Waiting waiting;
    waiting.job.id.bytes[15] = static_cast<std::uint8_t>(number);
    waiting.job.attempt = tries + 1;
    waiting.job.tries = tries;
    waiting.job.is_alone = is_alone;
    waiting.since = now;
    waiting.begin_by = now + 2s;
    waiting.lease_until = now + 60s;
    account.add(std::move(waiting));
  }
  template <class Kind>
  void end(Batch batch, const Kind& kind, SteadyInstant now) {
    Judgement judgement;
    for (std::size_t i = 0; i < batch.jobs.size(); ++i) judgement.verdicts.push_back(kind);
    account.ended(std::move(batch), std::move(judgement), now, out);
  }
  /// One job whose call ends so.
  template <class Kind>
  void run(int number, const Kind& kind, SteadyInstant now, int tries = 0) {
    add(number, now, tries);
    Batch batch = account.next_batch(now);
    REQUIRE(batch.jobs.size() == 1);
    end(std::move(batch), kind, now);
  }
  /// "1 postponed spent 1000; 2 …": what is to be reported since it was last asked, with the milliseconds until the next attempt.
  std::string told(SteadyInstant now) {
    std::string text;
    for (const Ending& each : std::exchange(out.endings, {})) {
      text += fmt::format("{} {} {}", each.report.job.id.bytes[15], verdict_name(each.report.verdict),
                          each.report.is_spent ? "spent" : "unspent");
      if (each.again_at) text += fmt::format(" {}", std::chrono::ceil<Milliseconds>(*each.again_at - now).count());
      text += "; ";
    }
    return text;
  }
  std::string refunded() {
    std::string text;
    for (const Refund& each : std::exchange(out.refunds, {})) text += fmt::format("{} attempt {}; ", each.id.bytes[15], each.attempt);
    return text;
  }

  Terms terms;
  Account account;
  Endings out;
};

Terms batches_of(std::size_t jobs, Microseconds linger = 1s) {
  Terms terms;
  terms.jobs_in_a_call = jobs;
  terms.linger = linger;
  terms.calls_of_an_account = 2;
  return terms;
}

}  // namespace

TEST_CASE("a batch goes at once while no call of its account is in flight") {
  Desk desk(batches_of(10));
  desk.add(1, kStart);
  desk.add(2, kStart);
  CHECK(desk.account.next_batch(kStart).jobs.size() == 2);
}

TEST_CASE("beside a call in flight a batch goes when the batch is full, or when its oldest job has waited") {
  Desk desk(batches_of(2));
  desk.add(1, kStart);
  const Batch first = desk.account.next_batch(kStart);
  desk.add(2, kStart + 100ms);
  CHECK(desk.account.next_batch(kStart + 1'099ms).jobs.empty());
  CHECK(desk.account.next_change(kStart + 1'099ms) == kStart + 1'100ms);
  SUBCASE("full") {
    desk.add(3, kStart + 200ms);
    CHECK(desk.account.next_batch(kStart + 200ms).jobs.size() == 2);
  }
  SUBCASE("waited") { CHECK(desk.account.next_batch(kStart + 1'100ms).jobs.size() == 1); }
}

TEST_CASE("no more calls of an account are in flight than its terms allow, and the account asks for no more jobs than fit") {
  Desk desk(batches_of(3));
  CHECK(desk.account.room(kStart) == 6);
  for (int i = 0; i < 8; ++i) desk.add(i, kStart);
  CHECK(desk.account.room(kStart) == 0);
  Batch first = desk.account.next_batch(kStart);
  const Batch second = desk.account.next_batch(kStart);
  CHECK(desk.account.next_batch(kStart).jobs.empty());
  CHECK(desk.account.calls_in_flight() == 2);
  CHECK(desk.account.room(kStart) == 0);
  desk.end(std::move(first), Postponed{}, kStart);
  CHECK(desk.account.room(kStart) == 1);  // a call for three, and two wait already
  CHECK(desk.account.next_batch(kStart + 1s).jobs.size() == 2);
}

TEST_CASE("an account whose calls end is claimed ahead: as many jobs as ended lately, and at most those of a round of calls") {
  Desk desk(batches_of(3, 0s));
  for (int i = 0; i < 6; ++i) desk.add(i, kStart);
  Batch first = desk.account.next_batch(kStart);
  Batch second = desk.account.next_batch(kStart);
  CHECK(desk.account.room(kStart) == 0);
  desk.end(std::move(first), Refused{}, kStart + 20ms);
  for (int i = 6; i < 9; ++i) desk.add(i, kStart + 20ms);
  first = desk.account.next_batch(kStart + 20ms);
  CHECK(desk.account.room(kStart + 20ms) == 3);  // both calls are in flight, and three jobs ended
  SUBCASE("jobs that wait already are as many less") {
    desk.add(9, kStart + 20ms);
    CHECK(desk.account.room(kStart + 20ms) == 2);
  }
  SUBCASE("no more than a round") {
    for (int i = 0; i < 10; ++i) {
      desk.end(std::exchange(first, {}), Refused{}, kStart + 40ms);
      for (int job = 0; job < 3; ++job) desk.add(job, kStart + 40ms);
      first = desk.account.next_batch(kStart + 40ms);
    }
    CHECK(desk.account.room(kStart + 40ms) == 6);
  }
  SUBCASE("an account that hangs is not claimed ahead any more") { CHECK(desk.account.room(kStart + 20ms + 2 * Pace::kWindow) == 0); }
  SUBCASE("an account without work keeps its pace") {
    desk.end(std::move(first), Refused{}, kStart + 40ms);
    desk.end(std::move(second), Refused{}, kStart + 40ms);
    REQUIRE(desk.account.is_idle());
    CHECK_FALSE(desk.account.may_be_forgotten(kStart + 40ms));
    CHECK(desk.account.may_be_forgotten(kStart + 40ms + 2 * Pace::kWindow));
  }
  SUBCASE("a failure is no pace") {
    desk.end(std::move(second), Postponed{}, kStart + 20ms);
    CHECK(desk.account.room(kStart + 20ms) == 6);
  }
}

TEST_CASE("a pace counts jobs of the present window and of the window before") {
  Pace pace;
  pace.count(3, kStart);
  pace.count(4, kStart + 240ms);
  CHECK(pace.lately(kStart + 240ms) == 7);
  CHECK(pace.lately(kStart + 499ms) == 7);
  CHECK(pace.lately(kStart + 500ms) == 0);
  pace.count(5, kStart + 300ms);
  CHECK(pace.lately(kStart + 300ms) == 12);
  CHECK(pace.lately(kStart + 600ms) == 5);
  pace.count(1, kStart + 900ms);
  CHECK(pace.lately(kStart + 900ms) == 1);
}

TEST_CASE("a job that goes alone shares no call, neither before nor behind it") {
  Desk desk(batches_of(10));
  desk.add(1, kStart);
  desk.add(2, kStart, 0, true);
  desk.add(3, kStart);
  Batch first = desk.account.next_batch(kStart);
  CHECK(first.jobs.size() == 1);
  CHECK(desk.account.next_batch(kStart).jobs.size() == 1);
  desk.end(std::move(first), Refused{}, kStart);
  CHECK(desk.account.next_batch(kStart + 1s).jobs.size() == 1);
}

TEST_CASE("a call that could not begin in time is given back, with its try") {
  Desk desk(batches_of(1));
  for (int i = 1; i <= 3; ++i) desk.add(i, kStart);
  const Batch first = desk.account.next_batch(kStart);
  const Batch second = desk.account.next_batch(kStart);
  desk.account.give_up(kStart + 2s, desk.out);
  CHECK(desk.told(kStart).empty());
  const SteadyInstant late = *desk.account.next_change(kStart + 2s);
  desk.account.give_up(late, desk.out);
  CHECK(desk.told(late) == "3 not_begun unspent 0; ");
}

TEST_CASE("a batch of which no call can be made is divided, and a job of which none can be made is refused") {
  Desk desk(batches_of(2));
  desk.add(1, kStart);
  desk.add(2, kStart);
  desk.account.withdrawn(desk.account.next_batch(kStart), "no address", kStart, desk.out);
  CHECK(desk.told(kStart) == "1 divided unspent 0; 2 divided unspent 0; ");
  desk.add(1, kStart);
  desk.account.withdrawn(desk.account.next_batch(kStart), "no address", kStart, desk.out);
  CHECK(desk.told(kStart) == "1 refused spent; ");
  CHECK(desk.account.is_idle());
}

TEST_CASE("an account that asks to wait keeps its jobs' tries, gives back the waiting jobs, and is called by a single probe first") {
  Desk desk(batches_of(1));
  desk.add(1, kStart);
  Batch first = desk.account.next_batch(kStart);
  desk.add(2, kStart);
  desk.end(std::move(first), Paused{"429", 30s}, kStart);
  CHECK(desk.told(kStart) == "1 paused unspent 30000; ");
  CHECK(desk.account.room(kStart) == 0);
  CHECK(desk.account.rests_until(kStart) == kStart + 30s);
  desk.account.give_up(kStart, desk.out);
  CHECK(desk.told(kStart) == "2 not_begun unspent 30000; ");
  const SteadyInstant now = kStart + 30s;
  CHECK(desk.account.room(now) == 1);
  desk.add(3, now);
  desk.add(4, now);
  Batch probe = desk.account.next_batch(now);
  CHECK(desk.account.next_batch(now).jobs.empty());
  desk.end(std::move(probe), Refused{}, now);
  CHECK(desk.account.next_batch(now).jobs.size() == 1);
}

TEST_CASE("failures that open the breaker give their tries back, the earlier ones by a refund") {
  Desk desk(batches_of(1));
  desk.run(1, Postponed{}, kStart);
  desk.run(2, Unknown{}, kStart, 1);
  CHECK(desk.told(kStart) == "1 postponed spent 1000; 2 unknown spent 2000; ");
  CHECK(desk.refunded().empty());
  desk.run(3, Postponed{}, kStart, 2);
  CHECK(desk.told(kStart) == "3 postponed unspent 1000; ");
  CHECK(desk.refunded() == "1 attempt 1; 2 attempt 2; ");
}

TEST_CASE("a failure between successes is the job's own, and its try stays spent") {
  Desk desk(batches_of(1));
  desk.run(1, Postponed{}, kStart);
  desk.run(2, Refused{}, kStart);
  desk.run(3, Postponed{}, kStart);
  desk.run(4, Postponed{}, kStart);
  desk.run(5, Postponed{}, kStart);
  CHECK(desk.refunded() == "3 attempt 1; 4 attempt 1; ");
}

TEST_CASE("the last try is final only once its account has worked again") {
  Desk desk(batches_of(1));
  desk.run(1, Postponed{}, kStart, 3);
  CHECK(desk.told(kStart).empty());
  CHECK_FALSE(desk.account.is_idle());
  SUBCASE("the account works: the job was at fault") {
    desk.run(2, Refused{}, kStart);
    CHECK(desk.told(kStart) == "1 postponed spent; 2 refused spent; ");
  }
  SUBCASE("the breaker opens: the account was at fault") {
    desk.run(2, Postponed{}, kStart);
    desk.run(3, Postponed{}, kStart);
    CHECK(desk.told(kStart) == "2 postponed spent 1000; 1 postponed unspent 1000; 3 postponed unspent 1000; ");
  }
  SUBCASE("nobody knows: the job is tried once more, after the time of the schedule") {
    CHECK(desk.account.next_change(kStart) == kStart + 8s);
    desk.account.give_up(kStart + 8s - 1ns, desk.out);
    CHECK(desk.told(kStart).empty());
    desk.account.give_up(kStart + 8s, desk.out);
    CHECK(desk.told(kStart + 8s) == "1 postponed unspent 0; ");
  }
  SUBCASE("the process stops: the job is tried once more") {
    desk.account.give_up_all(kStart, "the process stops", desk.out);
    CHECK(desk.told(kStart) == "1 postponed unspent 0; ");
  }
}

TEST_CASE("a job that alone fails for an hour is not used up, because the breaker opens before its last try") {
  Desk desk(batches_of(1));
  SteadyInstant now = kStart;
  int tries = 0;
  int calls = 0;
  while (now < kStart + 1h) {
    desk.run(1, Postponed{}, now, tries);
    ++calls;
    REQUIRE(desk.out.endings.size() == 1);
    const Ending ending = std::move(desk.out.endings.front());
    desk.out.endings.clear();
    REQUIRE(ending.again_at.has_value());
    tries += ending.report.is_spent ? 1 : 0;
    tries -= static_cast<int>(std::exchange(desk.out.refunds, {}).size());
    REQUIRE(tries >= 0);
    now = *ending.again_at;
  }
  CHECK(tries == 0);
  CHECK(calls < 70);  // about one a minute
}

TEST_CASE("an account is forgotten once the account is idle and untroubled, or its last failure is long ago") {
  Desk desk(batches_of(1));
  CHECK(desk.account.may_be_forgotten(kStart));
  desk.add(1, kStart);
  CHECK_FALSE(desk.account.may_be_forgotten(kStart));
  desk.end(desk.account.next_batch(kStart), Postponed{}, kStart);
  CHECK_FALSE(desk.account.may_be_forgotten(kStart + 59s));
  CHECK(desk.account.may_be_forgotten(kStart + 60s));
  desk.run(1, Paused{"", 5s}, kStart);
  CHECK_FALSE(desk.account.may_be_forgotten(kStart + 64s));
  CHECK(desk.account.may_be_forgotten(kStart + 65s));
}
