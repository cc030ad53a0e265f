#include "tests/chaos/scenarios/two_roads.hpp"

#include "tests/chaos/harness/roads.hpp"
#include "tests/chaos/harness/verifier.hpp"
#include "tests/chaos/scenarios/gateway_client.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

namespace weir::chaos {
namespace {

constexpr const char* kActions = "weir.actions.v1";
constexpr const char* kChanges = "weir.cdc.public.chaos_events";
constexpr double kEventsASecond = 200;
constexpr std::int64_t kMoreThanEnough = 100'000'000;

GroundOptions with_roads(GroundOptions options, bool linked) {
  if (linked) options.kafka_links = {"consumers", "cdc", "gateway"};
  options.pipeline = true;
  return options;
}

}  // namespace

TwoRoads::TwoRoads(const Report& report, GroundOptions options, bool linked)
    : report_(report),
      linked_(linked),
      ground_(report_, with_roads(std::move(options), linked)),
      actions_journal_(ground_.folder() / "actions.journal"),
      changes_journal_(ground_.folder() / "changes.journal") {
  add("cdc", "cdc", "cdc");
  add("gateway", "gateway", "gateway");
  add("tape-1", "tape", "consumers");
  add("tape-2", "tape", "consumers");
}

void TwoRoads::add(const std::string& name, const std::string& component, const std::string& link) {
  InstanceOptions options{.name = name, .component = component, .kafka_link = {}, .postgres_link = {}, .environment = {}};
  if (linked_) options.kafka_link = options.postgres_link = link;
  if (component == "tape") options.environment["WEIR_TAPE_TOPICS"] = std::string(kActions) + "," + kChanges;
  instances_.push_back(&ground_.add(options));
}

void TwoRoads::start(const Parameters& asked) {
  // cdc makes the topic of changes, which the tape must find.
  ground_.instance("cdc").start();
  ground_.await("cdc is ready", [&] { return ground_.instance("cdc").ready(); });
  for (Instance* instance : instances_) {
    if (!instance->running()) instance->start();
  }
  ground_.await("all are ready", [&] { return std::ranges::all_of(instances_, [](Instance* one) { return one->ready(); }); });
  GeneratorOptions load{.seed = asked.seed, .events = kMoreThanEnough, .rate = kEventsASecond, .batch = 20};
  actions_.emplace(load, gateway_road(ground_.gateway_port(), make_gateway_key(ground_)), actions_journal_);
  load.first_key = load.keys;
  changes_.emplace(load, postgres_road(ground_.dsn()), changes_journal_);
}

std::int64_t TwoRoads::revive() {
  std::int64_t revived = 0;
  for (Instance* instance : instances_) {
    if (instance->running()) continue;
    report_.tell(instance->name() + " has ended and is started again\n" + instance->log_tail());
    instance->start();
    ++revived;
  }
  return revived;
}

// The log of changes holds markers of transactions too, so that positions tell less than counts.
bool TwoRoads::taken(std::int64_t end_of_actions, std::int64_t changes) {
  const std::string written =
      std::string("SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts WHERE outcome = 'done' AND topic = '") + kChanges + "'";
  return ground_.tape_position(kActions).value_or(-1) >= end_of_actions && ground_.try_number(written).value_or(-1) >= changes;
}

Milliseconds TwoRoads::progress(const std::string& after) {
  const SteadyInstant begin = clock_.steady();
  const std::int64_t actions = actions_->acknowledged();
  const std::int64_t changes = changes_->acknowledged();
  ground_.await(after + ": events are acknowledged",
                [&] { return actions_->acknowledged() > actions && changes_->acknowledged() > changes; });
  const std::int64_t committed = changes_->acknowledged();
  std::optional<std::int64_t> end;
  ground_.await(after + ": the log tells its end", [&] { return (end = ground_.end_of(kActions)).has_value(); });
  ground_.await(after + ": events are in the tape", [&] { return taken(*end, committed); });
  const auto took = std::chrono::ceil<Milliseconds>(clock_.steady() - begin);
  report_.figure("progress_after_" + after, took);
  return took;
}

void TwoRoads::end() {
  actions_->stop();
  changes_->stop();
  const std::int64_t committed = changes_->acknowledged();
  ground_.await("everything has ended", [&] {
    const auto end = ground_.end_of(kActions);
    return end && taken(*end, committed);
  });
  for (Instance* instance : instances_) instance->stop_well();
  require_exact(report_, verify_tape(ground_, actions_journal_, {.topic = kActions, .places = false, .repeats = true}));
  require_exact(report_, verify_tape(ground_, changes_journal_, {.topic = kChanges, .places = false}));
}

}  // namespace weir::chaos
