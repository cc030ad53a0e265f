// The faults of the spine scenario. Each returns once it has hit: a witness of its own says so.
#include "tests/chaos/scenarios/spine_stage.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

namespace weir::chaos {
namespace {

constexpr Milliseconds kSilence{3'000};
constexpr Milliseconds kSlowness{1'500};
constexpr Milliseconds kDelay{30};
constexpr std::int64_t kBytesASecond = 200'000;
constexpr int kAttempts = 3;
constexpr std::array<const char*, 6> kSqlstates{"40001", "40P01", "55P03", "57014", "57P01", "53300"};

constexpr const char* kOwners = "SELECT count(DISTINCT owner) FROM weir.consumer_offsets WHERE group_id = 'weir.rollups'";

constexpr const char* kSessions =
    "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'weir%' AND datname = current_database()";

constexpr const char* kEndASession = R"sql(
SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM (
  SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'weir%' AND datname = current_database()
   ORDER BY md5(pid || ':throw') LIMIT 1) s)sql";

void require(const Result<void>& result) { REQUIRE_MESSAGE(result.has_value(), (result ? std::string() : result.error().line())); }

}  // namespace

std::vector<Injection> SpineStage::injections() {
  const auto by = [this](void (SpineStage::*hurt)(Dice&)) { return [this, hurt](Dice& dice) { (this->*hurt)(dice); }; };
  auto& services = ground_.services();
  const auto broker = [&services](local::Kafka::Shutdown how) {
    return [&services, how](Dice&) { require(services.kafka().restart(how)); };
  };
  const auto postgres = [&services](local::Postgres::Shutdown how) {
    return [&services, how](Dice&) { require(services.postgres().restart(how)); };
  };
  return {
      {"process_killed", 6, by(&SpineStage::kill_one)},
      {"session_ended", 3, by(&SpineStage::end_a_session)},
      {"commit_cut", 3, by(&SpineStage::cut_a_commit)},
      {"statement_refused", 3, by(&SpineStage::refuse_a_statement)},
      {"road_reset", 3, by(&SpineStage::reset_a_road)},
      {"road_slow", 2, by(&SpineStage::slow_a_road)},
      {"road_silent", 1, by(&SpineStage::silence_a_road)},
      {"member_came_or_went", 2, by(&SpineStage::join_or_leave)},
      {"process_frozen", 1, by(&SpineStage::freeze_past_the_session)},
      {"broker_killed", 1, broker(local::Kafka::Shutdown::kKill)},
      {"broker_restarted", 1, broker(local::Kafka::Shutdown::kOrderly)},
      {"postgres_restarted", 1, postgres(local::Postgres::Shutdown::kFast)},
      {"postgres_crashed", 1, postgres(local::Postgres::Shutdown::kImmediate)},
  };
}

Instance& SpineStage::any_rollups(Dice& dice) { return ground_.instance(members_[dice() % members_.size()]); }

Proxy& SpineStage::any_road(Dice& dice) {
  const std::string name = kRoads.at(dice() % kRoads.size());
  return dice() % 2 == 0 ? ground_.kafka_link(name) : ground_.postgres_link(name);
}

void SpineStage::kill_one(Dice& dice) {
  const std::uint64_t which = dice() % 4;
  Instance& victim = which == 0 ? ground_.instance("cdc") : which == 1 ? ground_.instance("gateway") : any_rollups(dice);
  report_.tell("  " + victim.name());
  victim.kill();
  victim.start();
}

void SpineStage::end_a_session(Dice& dice) {
  std::string end = kEndASession;
  end.replace(end.find(":throw"), 6, std::to_string(dice()));
  await("a session of weir", [&] { return ground_.try_number(kSessions).value_or(0) > 0; });
  await("a session that ends", [&] { return ground_.try_number(end).value_or(0) == 1; });
}

void SpineStage::cut_a_commit(Dice& dice) {
  Proxy& road = ground_.postgres_link("consumers");
  const bool before = dice() % 2 == 0;
  const auto cuts = [&] {
    const Counters counted = road.counters();
    return counted.commits_cut_before + counted.commits_cut_after;
  };
  const std::int64_t so_far = cuts();
  road.set(CommitTrap{before ? CommitCut::kBefore : CommitCut::kAfter, 1, "ledger_move"});
  await("a commit that is cut", [&] { return cuts() > so_far; });
}

void SpineStage::refuse_a_statement(Dice& dice) {
  Proxy& road = ground_.postgres_link("consumers");
  const std::string sqlstate = kSqlstates.at(dice() % kSqlstates.size());
  const std::int64_t so_far = road.counters().refusals;
  road.set(Refusal{sqlstate, kAttempts, 0, false, {}});
  // The server says 53300 to new sessions alone, so there must be new ones.
  if (sqlstate == "53300") road.reset_all();
  await("statements refused with " + sqlstate, [&] { return road.counters().refusals >= so_far + kAttempts; });
}

void SpineStage::reset_a_road(Dice& dice) {
  Proxy& road = any_road(dice);
  await("a link to reset", [&] { return road.open_links() > 0; });
  road.reset_all();
}

void SpineStage::slow_a_road(Dice& dice) {
  Proxy& road = any_road(dice);
  road.delay(kDelay);
  road.throttle(kBytesASecond);
  const Milliseconds until = report_.elapsed() + kSlowness;
  await("a slow while", [&] { return report_.elapsed() >= until; });
  road.heal();
}

void SpineStage::silence_a_road(Dice& dice) {
  Proxy& road = any_road(dice);
  road.partition();
  const Milliseconds until = report_.elapsed() + kSilence;
  await("a silent while", [&] { return report_.elapsed() >= until; });
  road.heal();
}

void SpineStage::join_or_leave(Dice& dice) {
  const bool joins = members_.size() == kFewestMembers || (members_.size() < kMostMembers && dice() % 2 == 0);
  if (joins) {
    const auto idle = [&](std::size_t number) {
      return std::ranges::find(members_, "rollups-" + std::to_string(number)) == members_.end();
    };
    std::size_t number = 1;
    while (!idle(number)) ++number;
    members_.push_back("rollups-" + std::to_string(number));
    ground_.instance(members_.back()).start();
    return;
  }
  const auto leaver = members_.begin() + static_cast<std::ptrdiff_t>(dice() % members_.size());
  ground_.instance(*leaver).stop_well();
  members_.erase(leaver);
}

/// Freezes a member until others have its partitions; then it goes on with the events that it had in hand.
void SpineStage::freeze_past_the_session(Dice& dice) {
  Instance& victim = any_rollups(dice);
  const auto others = static_cast<std::int64_t>(members_.size()) - 1;
  await("as many owners as members", [&] { return ground_.try_number(kOwners).value_or(0) == others + 1; });
  victim.pause();
  await("the others to take over", [&] { return ground_.try_number(kOwners).value_or(others + 1) == others; });
  victim.resume();
}

}  // namespace weir::chaos
