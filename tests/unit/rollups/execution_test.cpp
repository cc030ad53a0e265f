#include "consumers/rollups/pure/execution.hpp"

#include "tests/unit/rollups/limits.hpp"
#include "tests/unit/rollups/property.hpp"

#include <map>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kEnd = *parse_instant("2026-11-18T01:07:00Z");
constexpr std::int64_t kMs = 1'000'000'000;

ExecutionRow row(std::string status = "completed") {
  ExecutionRow out;
  out.organization = OrganizationId{*Uuid::parse("7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f")};
  out.agent = AgentId{*Uuid::parse("00000000-0000-4000-8000-0000000000a1")};
  out.status = std::move(status);
  out.completed_at = kEnd;
  out.updated_at = kEnd;
  return out;
}

ExecutionEffect judge(const std::optional<ExecutionRow>& before, const std::optional<ExecutionRow>& after,
                      Instant recorded_at = kEnd + Seconds{1}) {
  return judge_execution(before, after, recorded_at, kLimits);
}

template <class Change>
std::string refused(Change change) {
  ExecutionRow bad = row();
  change(bad);
  const auto effect = judge(std::nullopt, bad);
  return effect.refusal ? std::string(effect.refusal->reason) + " " + effect.refusal->path : "taken";
}

}  // namespace

TEST_CASE("an execution counts when it ends, and only then") {
  CHECK(judge(std::nullopt, row("queued")).skipped == "not_ended");
  CHECK(judge(row("queued"), row("running")).skipped == "not_ended");
  const auto ended = judge(row("running"), row("completed"));
  CHECK(!ended.minus);
  REQUIRE(ended.plus);
  CHECK(ended.plus->key.start == *parse_instant("2026-11-18T01:05:00Z"));
  CHECK(ended.event_time == kEnd);
}

TEST_CASE("a change takes the old row out and puts the new row in") {
  ExecutionRow rated = row();
  rated.rating = 5;
  const auto effect = judge(row(), rated);
  REQUIRE(effect.minus);
  REQUIRE(effect.plus);
  CHECK(!effect.minus->rating);
  CHECK(effect.plus->rating == 5'000'000'000);
  CHECK(judge(rated, rated).skipped == "no_change");
  CHECK(judge(rated, std::nullopt).minus->rating == 5'000'000'000);
  CHECK(judge(row("queued"), std::nullopt).skipped == "not_ended");
}

TEST_CASE("execution time is the column, else the difference of the times; a cancelled execution has none") {
  ExecutionRow timed = row();
  timed.started_at = kEnd - Seconds{2};
  CHECK(contribution_of(timed)->execution_time == 2000 * kMs);
  timed.execution_time = 7;
  CHECK(contribution_of(timed)->execution_time == 7);
  timed.status = "cancelled";
  CHECK(!contribution_of(timed)->execution_time);
  timed = row("failed");
  CHECK(!contribution_of(timed)->execution_time);
  timed.completed_at.reset();
  timed.started_at = kEnd;
  timed.updated_at = kEnd + kWindowLength;
  CHECK(contribution_of(timed)->key.start == window_of(kEnd + kWindowLength));
  CHECK(!contribution_of(timed)->execution_time);
}

TEST_CASE("a value out of its domain is refused with its path") {
  CHECK(refused([](ExecutionRow& r) { r.quality = 1'700'000'000; }) == "out_of_domain /after/quality_score");
  CHECK(refused([](ExecutionRow& r) { r.quality = -1; }) == "out_of_domain /after/quality_score");
  CHECK(refused([](ExecutionRow& r) { r.quality = 1'000'000'000; }) == "taken");
  CHECK(refused([](ExecutionRow& r) { r.confidence = 1'000'000'001; }) == "out_of_domain /after/confidence_score");
  CHECK(refused([](ExecutionRow& r) { r.rating = 0; }) == "out_of_domain /after/user_rating");
  CHECK(refused([](ExecutionRow& r) { r.rating = 6; }) == "out_of_domain /after/user_rating");
  CHECK(refused([](ExecutionRow& r) { r.progress = 101; }) == "out_of_domain /after/progress");
  CHECK(refused([](ExecutionRow& r) { r.execution_time = -1; }) == "out_of_domain /after/execution_time_ms");
  CHECK(refused([](ExecutionRow& r) { r.execution_time = 604'800'000 * kMs; }) == "taken");
  CHECK(refused([](ExecutionRow& r) { r.execution_time = 604'800'000 * kMs + 1; }) == "out_of_domain /after/execution_time_ms");
  CHECK(refused([](ExecutionRow& r) { r.started_at = kEnd + Seconds{1}; }) == "out_of_domain /after/completed_at");
  CHECK(refused([](ExecutionRow& r) { r.started_at = kEnd - std::chrono::days{8}; }) == "out_of_domain /after/completed_at");
  CHECK(refused([](ExecutionRow& r) { r.memory = -1; }) == "out_of_domain /after/memory_mb");
  CHECK(refused([](ExecutionRow& r) { r.cpu = -1; }) == "out_of_domain /after/cpu_percent");
  CHECK(refused([](ExecutionRow& r) { r.status = "paused"; }) == "out_of_domain /after/status");
  CHECK(refused([](ExecutionRow& r) { r.completed_at = r.updated_at = std::nullopt; }) == "missing_field /after/updated_at");
}

TEST_CASE("time is judged against the record's time alone") {
  CHECK(judge(std::nullopt, row(), kEnd - std::chrono::minutes{10}).plus);
  CHECK(judge(std::nullopt, row(), kEnd - std::chrono::minutes{10} - Microseconds{1}).refusal->reason == "too_far_in_future");
  const Instant month_later = kEnd + std::chrono::days{30};
  CHECK(judge(std::nullopt, row(), month_later).plus);
  CHECK(judge(std::nullopt, row(), month_later + Microseconds{1}).refusal->reason == "too_old");
}

TEST_CASE("a change of a dropped window is frozen, each side of a move by itself") {
  const Instant later = kEnd + std::chrono::days{31};
  ExecutionRow rated = row();
  rated.rating = 4;
  CHECK(judge(row(), rated, later).skipped == "frozen");
  CHECK(judge(row(), std::nullopt, later).skipped == "frozen");
  ExecutionRow moved = row();
  moved.completed_at = later;
  const auto in = judge(row(), moved, later);
  CHECK(!in.minus);
  CHECK(in.plus);
  const auto out = judge(moved, row(), later);
  CHECK(out.minus);
  CHECK(!out.plus);
  CHECK(!out.refusal);
}

TEST_CASE("whatever a row goes through, good and refused changes alike, the windows hold f of the row as it is") {
  holds("sum of deltas is f(row)", [] {
    std::optional<ExecutionRow> current;
    std::map<WindowKey, Aggregate> windows;
    const auto steps = *rc::gen::inRange(1, 12);
    for (int i = 0; i < steps; ++i) {
      std::optional<ExecutionRow> next;
      if (*rc::gen::inRange(0, 8) != 0) {
        next = row(*rc::gen::element<std::string>("queued", "running", "completed", "failed", "cancelled"));
        next->completed_at = kEnd - Seconds{*rc::gen::inRange(0, 1000)};
        next->quality = *rc::gen::inRange<std::int64_t>(0, 1'500'000'000);  // sometimes out of its domain
        next->execution_time = *rc::gen::inRange<std::int64_t>(-100 * kMs, 1000 * kMs);
      }
      const auto effect = judge(current, next);
      if (effect.minus) windows[effect.minus->key].add(*effect.minus, -1);
      if (effect.plus) windows[effect.plus->key].add(*effect.plus, 1);
      current = next;
    }
    std::map<WindowKey, Aggregate> expected;
    if (current && !domain_fault(*current, "")) {
      if (const auto f = contribution_of(*current)) expected[f->key].add(*f, 1);
    }
    for (const auto& [key, aggregate] : windows) {
      RC_ASSERT(aggregate.total() == expected[key].total());
      RC_ASSERT(aggregate.execution_time == expected[key].execution_time);
      RC_ASSERT(aggregate.quality == expected[key].quality);
      RC_ASSERT(aggregate.execution_times == expected[key].execution_times);
    }
    for (const auto& [key, aggregate] : expected) RC_ASSERT(windows[key].total() == aggregate.total());
  });
}
