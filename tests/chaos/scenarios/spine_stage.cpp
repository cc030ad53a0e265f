#include "tests/chaos/scenarios/spine_stage.hpp"

#include "common/testing/default_configuration.hpp"
#include "consumers/rollups/component.hpp"
#include "demo/stage/expectations.hpp"
#include "producers/gateway/key_store.hpp"
#include "tests/support/value.hpp"

#include <doctest/doctest.h>

namespace weir::chaos {
namespace {

using testing::value;

constexpr Milliseconds kPostEvery{20};
constexpr std::int64_t kExecutionsASecond = 400;
constexpr std::int64_t kExecutionsAStep = 100;
constexpr std::int64_t kRecordsBetween = 500;
constexpr std::int64_t kEndless = 100;  // times the duration
constexpr double kShareOfWarmUp = 0.1;
constexpr std::size_t kShownDifferences = 20;

// Counts the partitions whose owner does not live.
constexpr const char* kWithoutOwner = R"sql(
SELECT count(*) FROM weir.consumer_offsets o
 WHERE NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid || '@' || a.backend_start = o.owner))sql";

// A third death would bury the event in hand, rightly, but here that would be an innocent event.
constexpr const char* kOneAtATime = "SELECT count(*) FROM weir.consumer_offsets WHERE deaths > 1";

demo::Expectation expected() {
  const process::Component component = rollups::rollups_component();
  return testing::by_default(component, [&](const auto& configuration) { return demo::expectation_of(component, configuration); });
}
void require(const Result<void>& result) { REQUIRE_MESSAGE(result.has_value(), (result ? std::string() : result.error().line())); }

}  // namespace

GroundOptions SpineStage::ground_options() const {
  GroundOptions options;
  options.kafka_links = {kRoads.begin(), kRoads.end()};
  options.pipeline = true;
  return options;
}

SpineStage::SpineStage(const Report& report, const Parameters& asked, const SpineOptions& options)
    : report_(report),
      duration_(asked.duration.value_or(asked.of_form(Seconds{15}, Seconds{600}))),
      until_settled_(options.until_settled),
      ground_(report, ground_options()),
      simulation_(asked.seed, {}),
      load_({.dsn = ground_.dsn(),
             .seed = asked.seed,
             .executions = duration_.count() / 1'000 * kExecutionsASecond * (until_settled_ ? kEndless : 1),
             .executions_a_step = kExecutionsAStep,
             .late = options.late,
             .edges = options.edges},
            simulation_.world()),
      expectation_(expected()) {
  for (const char* component : {"cdc", "gateway"}) ground_.add({component, component, component, component, options.environment});
  for (std::size_t number = 1; number <= kMostMembers; ++number) {
    ground_.add({"rollups-" + std::to_string(number), "rollups", "consumers", "consumers", options.environment});
  }
}

void SpineStage::make_keys() {
  auto connection = value(ground_.connect());
  std::map<Uuid, std::string> keys;
  for (const demo::Organization& organization : simulation_.world().organizations) {
    gateway::NewKey key;
    key.organization = OrganizationId{organization.id};
    key.name = "spine";
    keys[organization.id] = value(gateway::create_key(connection, key)).key;
  }
  posts_.emplace(simulation_, ground_.gateway_port(), std::move(keys), kPostEvery);
}

void SpineStage::warm_up() {
  require(load_.settle());
  ground_.instance("cdc").start();
  // Rows that are written before the slot's consistent point would come as a snapshot, which adds nothing to a metric.
  ground_.await("the replication slot", [&] {
    return ground_.try_number("SELECT count(*) FROM pg_replication_slots WHERE confirmed_flush_lsn IS NOT NULL").value_or(0) == 1;
  });
  ground_.instance("gateway").start();
  for (std::size_t number = 1; number <= kFewestMembers; ++number) {
    members_.push_back("rollups-" + std::to_string(number));
    ground_.instance(members_.back()).start();
  }
  make_keys();
  load_.start();
  recover();
  begin_ = report_.elapsed();
}

bool SpineStage::time_is_over() const { return begin_ && report_.elapsed() - *begin_ >= duration_; }

/// The share of the load that may be written by now.
double SpineStage::share() const {
  const auto passed = begin_ ? static_cast<double>((report_.elapsed() - *begin_).count()) / static_cast<double>(duration_.count()) : 0;
  return (kShareOfWarmUp + (1 - kShareOfWarmUp) * passed) / static_cast<double>(until_settled_ ? kEndless : 1);
}

void SpineStage::await(const std::string& what, const std::function<bool()>& holds) {
  ground_.await(what, [&] {
    load_.allow(share());
    return holds();
  });
}

void SpineStage::await_more(std::int64_t records) {
  const std::int64_t before = ended();
  // Once all that was to be written has ended, nothing more comes.
  await("records that end", [&] { return ended() >= before + records || (time_is_over() && load_.done()); });
}

void SpineStage::recover() {
  await("owners that live", [&] { return ground_.try_number(kWithoutOwner).value_or(1) == 0; });
  await_more(kRecordsBetween);
  await("partitions that go as ever", [&] { return ground_.try_number(kOneAtATime).value_or(1) == 0; });
}

void SpineStage::settle() {
  if (until_settled_) load_.end_soon();
  load_.allow(1);
  ground_.await("the load to be written", [&] { return load_.done(); });
  REQUIRE_MESSAGE(!load_.fault().has_value(), load_.fault().value_or(Fault{}).line());
  accepted_ = value(posts_->finish());
  const std::string written = ground_.text("SELECT pg_current_wal_lsn()");
  auto session = value(ground_.sql_session());
  std::string waits_for;
  ground_.await("everything to end", [&] {
    const auto rest = demo::unsettled(session, ground_.admin(), expectation_, written);
    waits_for = rest ? *rest : rest.error().line();
    return waits_for.empty();
  });
}

void SpineStage::stop() {
  std::vector<std::string> running = members_;
  running.insert(running.end(), {"gateway", "cdc"});
  for (const std::string& name : running) ground_.instance(name).stop_well();
}

demo::Verdict SpineStage::verify() {
  auto session = value(ground_.sql_session());
  require(demo::give_actions(session, accepted_));
  demo::Verdict verdict = value(demo::verify(session, ground_.admin(), expectation_));
  report_.tell(verdict.line());
  const auto& differences = verdict.differences;
  for (std::size_t index = 0; index < differences.size() && index < kShownDifferences; ++index) report_.tell(differences[index]);
  report_.figure("records", verdict.records);
  report_.figure("dead_letters", verdict.dead);
  report_.exact("lost", verdict.lost, 0);
  report_.exact("doubled", verdict.doubled, 0);
  report_.exact("differences", static_cast<std::int64_t>(differences.size()), 0);
  CHECK(verdict.records > 0);
  return verdict;
}

}  // namespace weir::chaos
