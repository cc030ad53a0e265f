#include "consumers/rollups/digest.hpp"

#include "consumers/rollups/pure/metrics_row.hpp"
#include "tests/unit/rollups/limits.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kNow = *parse_instant("2026-11-18T01:02:00Z");

template <class T>
runtime::Event event_of(T fact) {
  runtime::Event event;
  event.decoded.payload = std::make_unique<Fact>(std::move(fact));
  return event;
}

}  // namespace

TEST_CASE("every event has its outcome, in order, and its effects are summed") {
  Contribution one;
  one.key.start = window_of(kNow);
  ExecutionEffect refused;
  refused.minus = one;
  refused.refusal = Refusal{"out_of_domain", "/after/quality_score", "quality_score must lie in 0–1"};
  ExecutionEffect moved;
  moved.minus = one;
  moved.plus = one;
  ActionFact action;
  action.at = kNow;
  std::vector<runtime::Event> events;
  events.push_back(event_of(one));
  events.push_back(event_of(one));
  events.push_back(event_of(std::make_unique<const ExecutionEffect>(refused)));
  events.push_back(event_of(std::make_unique<const ExecutionEffect>(moved)));
  events.push_back(event_of(std::move(action)));
  events.push_back(event_of(Ignored{"queue_not_kept"}));
  DigestFold fold{kLimits};
  std::vector<const runtime::Event*> batch;
  for (const runtime::Event& event : events) batch.push_back(&event);
  fold.add_all(batch);
  const Digest& out = fold.digest;
  REQUIRE(out.outcomes.size() == 6);
  CHECK(std::holds_alternative<runtime::Done>(out.outcomes[0]));
  CHECK(std::get<runtime::Dead>(out.outcomes[2]).path == "/after/quality_score");
  CHECK(std::holds_alternative<runtime::Done>(out.outcomes[3]));
  CHECK(std::get<runtime::Skipped>(out.outcomes[5]).reason == "queue_not_kept");
  REQUIRE(out.windows.size() == 1);
  CHECK(out.windows.begin()->second.completed == 1);
  REQUIRE(out.actions.size() == 1);
  CHECK(out.actions[0].event == 4);
  CHECK(!out.uncountable);
}

TEST_CASE("each side of a change goes by its own window where windows are frozen; a change without a side left is skipped") {
  Contribution old;
  old.key.start = window_of(kNow) - std::chrono::hours{1};
  Contribution kept;
  kept.key.start = window_of(kNow);
  ExecutionEffect moved;
  moved.minus = old;
  moved.plus = kept;
  ExecutionEffect refused;
  refused.minus = old;
  refused.refusal = Refusal{"out_of_domain", "/after/quality_score", "quality_score must lie in 0–1"};
  std::vector<runtime::Event> events;
  events.push_back(event_of(old));
  events.push_back(event_of(kept));
  events.push_back(event_of(std::make_unique<const ExecutionEffect>(moved)));
  events.push_back(event_of(std::make_unique<const ExecutionEffect>(refused)));
  DigestFold fold(kLimits, {}, std::nullopt, Exclusions{.frozen_until = kept.key.start});
  for (const runtime::Event& event : events) fold.add_all(std::array{&event});
  const Digest& out = fold.digest;
  REQUIRE(out.outcomes.size() == 4);
  CHECK(std::get<runtime::Skipped>(out.outcomes[0]).reason == "frozen");
  CHECK(std::holds_alternative<runtime::Done>(out.outcomes[1]));
  CHECK(std::holds_alternative<runtime::Done>(out.outcomes[2]));
  CHECK(std::get<runtime::Dead>(out.outcomes[3]).reason == "out_of_domain");
  REQUIRE(out.windows.size() == 1);
  CHECK(out.windows.find(kept.key)->second.completed == 2);
}

TEST_CASE("a row's version rises with every write, its revision only once its window is closed") {
  Writing writing;
  writing = writing.next(false, kNow);
  CHECK(writing == Writing{1, 0, false, std::nullopt});
  writing = writing.next(true, kNow);
  CHECK(writing == Writing{2, 1, true, kNow});
}

TEST_CASE("a change adds to its row, and keeps the row's presence where it brings none") {
  MetricsRow row;
  row.presence = {10, 9, 8};
  row.aggregate.failed = 1;
  MetricsChange change;
  change.delta.completed = 2;
  advance(row, change, kNow);
  CHECK(row.aggregate.total() == 3);
  CHECK(row.presence == Presence{10, 9, 8});
  change.presence = Presence{20, 20, 20};
  advance(row, change, kNow);
  CHECK(row.presence == Presence{20, 20, 20});
}
