#include "consumers/rollups/pure/agent.hpp"

#include "tests/unit/rollups/limits.hpp"
#include "tests/unit/rollups/property.hpp"

#include <algorithm>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kCreated = *parse_instant("2026-11-18T01:02:00Z");
const Instant kRecorded = *parse_instant("2026-11-18T03:00:00Z");

AgentRow row(AgentStatus status, Instant changed_at, int organization = 0) {
  AgentRow out;
  out.key.organization.value.bytes[0] = static_cast<std::uint8_t>(organization);
  out.status = status;
  out.status_changed_at = changed_at;
  out.created_at = kCreated;
  return out;
}

SourceOrder order(std::uint64_t lsn) { return {"weir", "app", {std::nullopt, lsn}, kRecorded}; }

}  // namespace

TEST_CASE("a late status opens the closed windows from its own on; for a new agent, from the agent's creation on") {
  const auto facts = facts_of(row(AgentStatus::kIdle, kCreated), row(AgentStatus::kBusy, kCreated + std::chrono::minutes{30}), order(5),
                              kRecorded, kLimits);
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].unsettled_from == *parse_instant("2026-11-18T01:30:00Z"));
  CHECK(facts[0].unsettled_if_new == *parse_instant("2026-11-18T01:00:00Z"));
  CHECK(facts[0].status_is_new);
  const auto old = facts_of(std::nullopt, row(AgentStatus::kIdle, kCreated), order(5), kCreated + std::chrono::days{40}, kLimits);
  CHECK(old[0].unsettled_if_new == *parse_instant("2026-11-28T01:00:00Z"));
}

TEST_CASE("an agent that moves to another organization ends in the first and lives in the second") {
  const auto facts = facts_of(row(AgentStatus::kIdle, kCreated, 1), row(AgentStatus::kIdle, kCreated, 2), order(5), kRecorded, kLimits);
  REQUIRE(facts.size() == 2);
  CHECK(facts[0].deleted_at == kRecorded);
  CHECK(facts[0].key != facts[1].key);
  CHECK(facts[1].status_is_new);
}

TEST_CASE("facts join in any order: the newest says whether the agent lives") {
  holds("latest facts are order-free", [] {
    std::vector<AgentFact> facts;
    for (const int lsn : *rc::gen::unique<std::vector<int>>(rc::gen::inRange(0, 100))) {
      const AgentRow image = row(AgentStatus::kIdle, kCreated + Seconds{lsn});
      const bool gone = *rc::gen::arbitrary<bool>();
      const auto told = gone ? facts_of(image, std::nullopt, order(static_cast<std::uint64_t>(lsn)), kRecorded, kLimits)
                             : facts_of(std::nullopt, image, order(static_cast<std::uint64_t>(lsn)), kRecorded, kLimits);
      facts.insert(facts.end(), told.begin(), told.end());
    }
    const auto forward = latest_facts(facts);
    std::reverse(facts.begin(), facts.end());
    const auto backward = latest_facts(facts);
    RC_ASSERT(forward.size() == backward.size());
    if (forward.empty()) return;
    RC_ASSERT(forward[0].deleted_at == backward[0].deleted_at);
    RC_ASSERT(forward[0].order == backward[0].order);
    RC_ASSERT(forward[0].unsettled_from == backward[0].unsettled_from);
  });
}
