// Worlds by chance: two processes over one queue, killed and started again, a queue that fails and loses answers, providers that
// refuse, hang and ask to wait. In every other world the queue's transactions go on beside the calls. What must hold at each call is
// asserted by the world; what must hold at the end, here.
#include "common/delivery/deliverer.hpp"

#include "tests/unit/delivery/world.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::delivery;
using weir::testing::FakeCaller;
using weir::testing::paused_after;
using weir::testing::QueueFault;
using weir::testing::Row;
using weir::testing::row_id;
using weir::testing::status_after;
using weir::testing::unanswered;
using weir::testing::World;
using Receiver = weir::http::NoAnswer::Receiver;

namespace {

constexpr int kSeeds = 3'000;

class Schedule {
 public:
  explicit Schedule(std::uint64_t seed)
      : random_(seed), is_beside_(seed % 2 == 0), terms_(draw_terms()), world_(terms_, draw_limits(), executors_of(held_)) {
    world_.watch(second_caller_);
    second_ = world_.make_deliverer(second_caller_, executors_of(its_held_));
    for (FakeCaller* caller : world_.callers) {
      caller->answers = [this, caller](const http::Call& call) {
        note_rest(*caller, call);
        return answer(*caller, call);
      };
    }
    world_.queue.weather = [this](QueueFault::At at) { return weather(at); };
    const int rows = 1 + draw(25);
    for (int i = 1; i <= rows; ++i) {
      Row& row = world_.queue.add(i);
      row.account = fmt::format("fake:{}", draw(3));
      row.due = world_.now() + Milliseconds{draw(4'000)};
      row.holds_in_doubt = one_in(4);
    }
  }

  /// What does not hold; "" where all does.
  std::string run() {
    const SteadyInstant calm = world_.now() + Seconds{20 + draw(60)};
    while (world_.now() < calm && world_.broken.empty()) step(true);
    stormy_ = false;
    const SteadyInstant end = world_.now() + 10min;
    while (!(world_.queue.all_ended() && world_.deliverer->is_idle() && second_->is_idle()) && world_.broken.empty()) {
      if (world_.now() > end) return "a row has no end";
      step(false);
    }
    return world_.broken.empty() ? balance() : world_.broken;
  }

 private:
  int draw(int below) { return static_cast<int>(random_() % static_cast<std::uint64_t>(below)); }
  bool one_in(int n) { return draw(n) == 0; }

  Executors executors_of(weir::testing::HeldExecutors& held) const { return is_beside_ ? held.both() : Executors{}; }

  Terms draw_terms() {
    Terms terms;
    terms.jobs_in_a_call = static_cast<std::size_t>(1 + draw(4));
    terms.calls_of_an_account = static_cast<std::size_t>(1 + draw(3));
    terms.linger = Milliseconds{draw(3) * 500};
    terms.timeout = Milliseconds{1'000 + draw(9'000)};
    terms.is_jittered = one_in(2);
    return terms;
  }
  Limits draw_limits() {
    Limits limits;
    limits.channels = {{"main", static_cast<std::size_t>(1 + draw(12)), {"fake"}, static_cast<std::size_t>(1 + draw(12))}};
    limits.lease = terms_.timeout + Milliseconds{200 + draw(one_in(2) ? 2'500 : 20'000)};
    limits.gather = Milliseconds{draw(3) * 10};
    limits.most_gathered = static_cast<std::size_t>(1 + draw(4));
    limits.seed = random_();
    return limits;
  }

  void step(bool may_kill) {
    world_.queue.latency = stormy_ && one_in(30) ? Milliseconds{draw(2'500)} : Microseconds{200};
    if (may_kill && one_in(60)) return kill();
    if (is_beside_ && one_in(2)) return go_on();
    const Milliseconds patience = is_beside_ ? Milliseconds{draw(50)} : Milliseconds{1'000};
    const auto turned = one_in(2) ? world_.deliverer->turn(patience) : second_->turn(patience);
    if (!turned && world_.broken.empty()) world_.broken = "a turn failed: " + turned.error().message;
  }

  /// A transaction commits, or its answer comes.
  void go_on() {
    weir::testing::HeldExecutors& held = one_in(2) ? held_ : its_held_;
    weir::testing::HeldExecutor& one = one_in(2) ? held.claims : held.reports;
    one_in(2) ? one.carry_out() : one.hand_back();
  }

  void kill() {
    const bool first = one_in(2);
    FakeCaller& caller = first ? world_.caller : second_caller_;
    (first ? world_.deliverer : second_).reset();
    caller.live.clear();
    std::erase_if(asked_to_wait_, [&](const auto& each) { return each.first.first == &caller; });  // a new process learns it anew
    (first ? world_.deliverer : second_) = world_.make_deliverer(caller, executors_of(first ? held_ : its_held_));
  }

  std::optional<QueueFault> weather(QueueFault::At at) {
    if (!stormy_ || !one_in(8)) return std::nullopt;
    const FaultKind kind = one_in(2) ? FaultKind::kPgConnection : FaultKind::kPgSerialization;
    return QueueFault{at, kind, one_in(2)};
  }

  FakeCaller::Planned answer(const FakeCaller& caller, const http::Call& call) {
    note_call(call);
    const Microseconds after = Milliseconds{1 + draw(one_in(10) ? 12'000 : 300)};
    if (!stormy_) return note_answer(call, status_after(200, 20ms), true);
    switch (draw(10)) {
      case 0:
        if (after <= call.timeout) asked_to_wait_[{&caller, call.url}] = world_.now() + after;
        return note_answer(call, paused_after(429, "30", after), false);
      case 1:
        return note_answer(call, status_after(500, after), false);
      case 2:
        return note_answer(call, unanswered(Receiver::kUntouched, after), false);
      case 3:
        return note_answer(call, unanswered(Receiver::kInDoubt, after), true);
      case 4:
        return note_answer(call, status_after(400, after), false);
      default:
        return note_answer(call, status_after(200, after), true);
    }
  }

  FakeCaller::Planned note_answer(const http::Call& call, FakeCaller::Planned planned, bool takes_it) {
    if (planned.after > call.timeout) takes_it = true;  // it may have taken what it did not answer in time
    if (takes_it) {
      for (const auto& job : weir::testing::jobs_of(call)) received_[job.id].push_back(job.attempt);
    }
    return planned;
  }

  /// An account that has asked to wait is left alone by the process that it asked, from when that process has certainly seen it.
  void note_rest(const FakeCaller& caller, const http::Call& call) {
    const auto asked = asked_to_wait_.find({&caller, call.url});
    if (asked == asked_to_wait_.end()) return;
    const bool rests = world_.now() > asked->second + 6s && world_.now() < asked->second + 30s;
    if (rests && world_.broken.empty()) world_.broken = "an account that asked to wait is called: " + call.url;
  }

  /// A row that was received is called again only where nobody could know that it was.
  void note_call(const http::Call& call) {
    for (const auto& job : weir::testing::jobs_of(call)) {
      const Row& row = world_.queue.rows.at(job.id);
      for (const int earlier : received_[job.id]) {
        const auto attempt = row.attempts.find(earlier);
        const bool was_known = attempt != row.attempts.end() && !attempt->second.verdict.empty() && attempt->second.verdict != "unknown";
        if (was_known && world_.broken.empty()) world_.broken = "a row that was answered is called again: " + job.id.text();
        if (row.holds_in_doubt && world_.broken.empty()) world_.broken = "a row that holds what is in doubt is called again";
      }
    }
  }

  /// The books of each row at the end.
  std::string balance() {
    for (const auto& [id, row] : world_.queue.rows) {
      int spent = 0;
      int refunded = 0;
      for (const auto& [number, attempt] : row.attempts) {
        spent += attempt.is_spent ? 1 : 0;
        refunded += attempt.is_refunded ? 1 : 0;
        const bool may_spend = attempt.verdict != "paused" && attempt.verdict != "divided" && attempt.verdict != "not_begun";
        if (attempt.is_spent && !may_spend) return "a pause spent a try: " + id.text();
      }
      if (spent != row.tries) return fmt::format("{} has {} tries, and {} attempts that spent one", id.text(), row.tries, spent);
      if (row.tries > world_.provider.its_terms.tries) return "more tries than the terms allow: " + id.text();
      // A refund by one process may come while the other has claimed the row with the try still spent.
      if (row.end == Row::End::kUsedUp && spent + refunded < world_.provider.its_terms.tries)
        return "used up before its last try: " + id.text();
      if (row.end == Row::End::kAccepted && received_[id].empty()) return "accepted, and never received: " + id.text();
    }
    return "";
  }

  std::mt19937_64 random_;
  bool is_beside_;
  bool stormy_ = true;
  weir::testing::HeldExecutors held_;
  weir::testing::HeldExecutors its_held_;  // of the second process
  Terms terms_;
  World world_;
  FakeCaller second_caller_{world_.clock};
  std::unique_ptr<Deliverer> second_;
  std::map<Uuid, std::vector<int>> received_;
  std::map<std::pair<const FakeCaller*, std::string>, SteadyInstant> asked_to_wait_;  // since when
};

}  // namespace

TEST_CASE("in every schedule each row has exactly one end, never two calls in flight, and no call that is repeated unseen") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const std::string broken = Schedule(seed).run();
    if (broken.empty()) continue;
    FAIL_CHECK("seed " << seed << ": " << broken);
    break;
  }
}
