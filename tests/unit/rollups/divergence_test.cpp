#include "consumers/rollups/pure/divergence.hpp"

#include "consumers/rollups/digest.hpp"
#include "tests/unit/rollups/property.hpp"

#include <map>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kNow = *parse_instant("2026-11-18T01:02:00Z");
const ExecutionId kRow{*Uuid::parse("00000000-0000-4000-8000-000000000001")};

ExecutionRow row(Instant completed_at, std::string status = "completed") {
  ExecutionRow out;
  out.status = std::move(status);
  out.completed_at = completed_at;
  return out;
}

Contribution f(const ExecutionRow& of) { return *contribution_of(of); }

ExecutionEffect judge(const std::optional<ExecutionRow>& before, const std::optional<ExecutionRow>& after, Instant at = kNow) {
  return judge_execution(before, after, at, TimeLimits{});
}

ExecutionEffect correct(const ExecutionEffect& told, const std::optional<Contribution>& counted, Instant at = kNow) {
  return corrected(told, {counted, kNow}, at, TimeLimits{});
}

/// The event of one row's change.
runtime::Event change(const std::optional<ExecutionRow>& before, const std::optional<ExecutionRow>& after, Instant at = kNow) {
  runtime::Event event;
  event.decoded.payload = std::make_unique<Fact>(std::make_unique<const ExecutionEffect>(judge(before, after, at)), kRow);
  event.decoded.recorded_at = at;
  return event;
}

std::string name(const runtime::Outcome& outcome) {
  if (const auto* skipped = std::get_if<runtime::Skipped>(&outcome)) return std::string(skipped->reason);
  if (const auto* dead = std::get_if<runtime::Dead>(&outcome)) return dead->reason;
  return "done";
}

}  // namespace

TEST_CASE("what the windows hold is taken out, whatever the change says that was there before") {
  const ExecutionRow early = row(kNow - std::chrono::hours{2});
  const ExecutionRow late = row(kNow);
  CHECK(correct(judge(early, std::nullopt), std::nullopt).skipped == "not_counted");
  CHECK_FALSE(correct(judge(early, std::nullopt), std::nullopt).minus);
  CHECK(correct(judge(early, std::nullopt), f(late)).minus == f(late));
  const auto counted_again = correct(judge(early, early), std::nullopt);
  CHECK(counted_again.skipped.empty());
  CHECK_FALSE(counted_again.minus);
  CHECK(counted_again.plus == f(early));
  CHECK(correct(judge(early, late), f(late)).skipped == "no_change");
  const auto ran_on = correct(judge(row(kNow, "running"), row(kNow, "running")), f(early));
  CHECK(ran_on.skipped.empty());
  CHECK(ran_on.minus == f(early));
  CHECK(correct(judge(std::nullopt, row(kNow, "queued")), std::nullopt).skipped == "not_ended");
  const Instant long_after = kNow + std::chrono::days{40};
  CHECK(correct(judge(row(kNow, "running"), std::nullopt, long_after), f(early), long_after).skipped == "frozen");
}

TEST_CASE("an execution refused as too far in the future is not taken out later, by a deletion or an update, and counts once it fits") {
  const ExecutionRow future = row(kNow + std::chrono::hours{1});
  const Instant then = kNow + std::chrono::hours{1};
  ExecutionRow rated = future;
  rated.rating = 4;
  struct Case {
    std::optional<ExecutionRow> after;
    std::string outcome;
    std::int64_t total;
  };
  for (const auto& [after, outcome, total] : {Case{std::nullopt, "not_counted", 0}, Case{rated, "done", 1}, Case{future, "done", 1}}) {
    DigestFold fold{TimeLimits{}};
    fold.add(change(std::nullopt, future));
    REQUIRE(fold.digest.divergences.at(kRow));
    CHECK(fold.digest.divergences.at(kRow)->kept_until == *future.completed_at + std::chrono::days{30});
    // In a unit of work of its own, which is told of the row.
    DigestFold next(TimeLimits{}, fold.digest.divergences);
    for (DigestFold* later : {&fold, &next}) later->add(change(future, after, then));
    CHECK(name(fold.digest.outcomes.at(0)) == "too_far_in_future");
    CHECK(name(fold.digest.outcomes.at(1)) == outcome);
    CHECK(name(next.digest.outcomes.at(0)) == outcome);
    for (Digest* digest : {&fold.digest, &next.digest}) {
      std::int64_t sum = 0;
      for (const auto& [key, window] : digest->windows) sum += window.total();
      CHECK(sum == total);
      CHECK_FALSE(digest->divergences.at(kRow));
      CHECK(digest->judged.contains(kRow));
    }
  }
}

TEST_CASE("a snapshot's row in the future is remembered, but not over what is known of the row") {
  runtime::Event snapshot;
  snapshot.decoded.payload = std::make_unique<Fact>(Incomplete{Source::kExecutions, kNow, "snapshot", kNow + std::chrono::days{30}}, kRow);
  DigestFold fold{TimeLimits{}};
  fold.add(snapshot);
  CHECK(fold.digest.divergences.at(kRow) == Divergence{std::nullopt, kNow + std::chrono::days{30}});
  CHECK(fold.digest.known_from.of(Source::kExecutions) == kNow);
  CHECK(name(fold.digest.outcomes.at(0)) == "snapshot");
  const Divergences held{{kRow, Divergence{f(row(kNow)), kNow}}};
  DigestFold next(TimeLimits{}, held);
  next.add(snapshot);
  CHECK(next.digest.divergences == held);
}

TEST_CASE("whatever becomes of a row's changes, and whenever, the windows hold f of it as it was last taken") {
  holds("sum of deltas is f of what was taken", [] {
    std::optional<ExecutionRow> current;
    std::optional<Contribution> counted;  // what a reader of dead letters would say that the windows hold
    std::map<WindowKey, Aggregate> windows;
    Divergences divergences;
    Instant at = kNow;
    const auto steps = *rc::gen::inRange(1, 12);
    for (int i = 0; i < steps; ++i) {
      at += Seconds{*rc::gen::inRange(1, 3000)};
      std::optional<ExecutionRow> next;
      if (*rc::gen::inRange(0, 6) != 0) {
        next = row(at + Seconds{*rc::gen::inRange(-3000, 3000)}, *rc::gen::element<std::string>("running", "completed", "failed"));
      }
      DigestFold fold(TimeLimits{}, divergences);
      fold.add(change(current, next, at));
      if (*rc::gen::inRange(0, 4) == 0) {  // the change dies: nothing of it is written, and the windows hold what they held
        divergences.try_emplace(kRow, Divergence{counted, at + std::chrono::days{31}});
        if (!divergences.at(kRow)) divergences.at(kRow) = Divergence{counted, at + std::chrono::days{31}};
      } else {
        for (const auto& [key, delta] : fold.digest.windows) windows[key].merge(delta);
        divergences = fold.digest.divergences;
        const bool refused = name(fold.digest.outcomes.at(0)) == "too_far_in_future";
        counted = next && !refused ? contribution_of(*next) : std::nullopt;
      }
      current = next;
    }
    std::int64_t expected = 0;
    for (const auto& [key, window] : windows) {
      const bool is_there = counted && counted->key == key;
      expected += window.total();
      RC_ASSERT(window.total() == (is_there ? 1 : 0));
    }
    RC_ASSERT(expected == (counted ? 1 : 0));
  });
}
