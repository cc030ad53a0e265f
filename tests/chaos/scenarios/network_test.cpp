// The network between any two parts hangs, swallows, tears and crawls, while changes and actions flow to two consumers: every one is in the
// tape, work goes on soon after the network is well again, and nobody waits for longer than its deadlines say.
#include "producers/gateway/key_store.hpp"
#include "tests/chaos/harness/generator.hpp"
#include "tests/chaos/harness/ground.hpp"
#include "tests/chaos/harness/roads.hpp"
#include "tests/chaos/harness/verifier.hpp"
#include "tests/chaos/harness/watcher.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr const char* kActions = "weir.actions.v1";
constexpr const char* kChanges = "weir.cdc.public.chaos_events";
constexpr const char* kStart = "start";  // nothing has been hurt yet
constexpr double kEventsASecond = 200;
constexpr std::int64_t kMoreThanEnough = 100'000'000;
constexpr Milliseconds kSoon{60'000};
constexpr Milliseconds kSlowWay{50};
constexpr std::int64_t kSlowBytesASecond = 100'000;

enum class Injury : std::uint8_t { kPartition, kLostUpstream, kLostDownstream };
constexpr std::array<std::pair<Injury, const char*>, 3> kInjuries{
    {{Injury::kPartition, "partition"}, {Injury::kLostUpstream, "lost_upstream"}, {Injury::kLostDownstream, "lost_downstream"}}};

struct Pair {
  std::string name;
  Proxy* proxy = nullptr;
};

GroundOptions ground_options() {
  GroundOptions options;
  options.kafka_links = {"consumers", "cdc", "gateway"};
  options.pipeline = true;
  return options;
}

std::string make_key(const Ground& ground) {
  auto connection = ground.connect();
  REQUIRE(connection);
  const auto organization = connection->script("INSERT INTO public.organizations (name) VALUES ('chaos') RETURNING id");
  REQUIRE_MESSAGE(organization, organization.error().line());
  gateway::NewKey wanted;
  wanted.organization = (*organization)[0].get<OrganizationId>(0);
  wanted.name = "chaos";
  const auto created = gateway::create_key(*connection, wanted);
  REQUIRE_MESSAGE(created, created.error().line());
  return created->key;
}

class Network {
 public:
  explicit Network(const Parameters& asked)
      : long_form_(asked.long_form),
        hold_(asked.of_form(Milliseconds{2'000}, Milliseconds{60'000})),
        report_("network", asked),
        turn_(asked.seed),
        ground_(report_, ground_options()),
        actions_journal_(ground_.folder() / "actions.journal"),
        changes_journal_(ground_.folder() / "changes.journal") {
    add("cdc", "cdc", "cdc");
    add("gateway", "gateway", "gateway");
    add("tape-1", "tape", "consumers");
    add("tape-2", "tape", "consumers");
    for (const std::string name : {"cdc", "gateway", "consumers"}) {
      pairs_.push_back({name + "_postgres", &ground_.postgres_link(name)});
      pairs_.push_back({name + "_kafka", &ground_.kafka_link(name)});
    }
    start(asked);
  }

  void run() {
    require_progress(kStart);
    for (const Pair& pair : pairs_) {
      for (const auto& [injury, name] : injuries()) hurt(pair, injury, name);
      reset(pair);
    }
    crawl();
    end();
  }

 private:
  void add(const std::string& name, const std::string& component, const std::string& link) {
    InstanceOptions options{.name = name, .component = component, .kafka_link = link, .postgres_link = link, .environment = {}};
    if (component == "tape") options.environment["WEIR_TAPE_TOPICS"] = std::string(kActions) + "," + kChanges;
    instances_.push_back(&ground_.add(options));
  }

  void start(const Parameters& asked) {
    // cdc makes the topic of changes, which the tape must find.
    ground_.instance("cdc").start();
    ground_.await("cdc is ready", [&] { return ground_.instance("cdc").ready(); });
    for (Instance* instance : instances_) {
      if (!instance->running()) instance->start();
    }
    ground_.await("all are ready", [&] { return std::ranges::all_of(instances_, [](Instance* one) { return one->ready(); }); });
    GeneratorOptions load{.seed = asked.seed, .events = kMoreThanEnough, .rate = kEventsASecond, .batch = 20};
    actions_.emplace(load, gateway_road(ground_.gateway_port(), make_key(ground_)), actions_journal_);
    load.first_key = load.keys;
    changes_.emplace(load, postgres_road(ground_.dsn()), changes_journal_);
  }

  /// In the long form each; in the short one, one after the other by turns that the seed begins.
  std::vector<std::pair<Injury, const char*>> injuries() {
    if (long_form_) return {kInjuries.begin(), kInjuries.end()};
    return {kInjuries[turn_++ % kInjuries.size()]};
  }

  void hurt(const Pair& pair, Injury injury, const std::string& name) {
    const Counters before = pair.proxy->counters();
    switch (injury) {
      case Injury::kPartition:
        pair.proxy->partition();
        break;
      case Injury::kLostUpstream:
        pair.proxy->half_open(Direction::kUpstream);
        break;
      case Injury::kLostDownstream:
        pair.proxy->half_open(Direction::kDownstream);
        break;
    }
    let_pass();
    for (Instance* instance : instances_) unhealthy_ += alive(*instance) ? 0 : 1;
    const Counters after = pair.proxy->counters();
    ++(injury == Injury::kPartition ? partitions_ : half_open_);
    if (injury != Injury::kPartition) silences_ += after.swallowed_bytes > before.swallowed_bytes ? 1 : 0;
    pair.proxy->heal();
    require_progress(pair.name + "_" + name);
    // In a minute every deadline has passed: whoever waited has given the silent connection up and asked for another. While all is silent
    // it waits at the proxy's door.
    const std::int64_t links = injury == Injury::kPartition ? pair.proxy->counters().links : after.links;
    given_up_ += links > before.links ? 1 : 0;
    if (long_form_) CHECK_MESSAGE(links > before.links, pair.name << ' ' << name << ": nobody asked for another connection");
  }

  void let_pass() {
    const Milliseconds until = report_.elapsed() + hold_;
    ground_.await("the while that it lasts", [&] { return report_.elapsed() >= until; });
  }

  void reset(const Pair& pair) {
    const std::int64_t before = pair.proxy->counters().resets;
    pair.proxy->reset_all();
    resets_ += pair.proxy->counters().resets - before;
    require_progress(pair.name + "_reset");
  }

  void crawl() {
    for (const Pair& pair : pairs_) {
      pair.proxy->delay(kSlowWay);
      pair.proxy->throttle(kSlowBytesASecond);
    }
    require_progress("slow");
    let_pass();
    for (const Pair& pair : pairs_) pair.proxy->heal();
    require_progress("slow_healed");
  }

  /// Waits until an event of each kind that is acknowledged from now on is in the tape, and all before it.
  void require_progress(const std::string& after) {
    const SteadyInstant begin = clock_.steady();
    const std::int64_t actions = actions_->acknowledged();
    const std::int64_t changes = changes_->acknowledged();
    ground_.await(after + ": events are acknowledged",
                  [&] { return actions_->acknowledged() > actions && changes_->acknowledged() > changes; });
    const std::int64_t end = end_of(kActions);
    const std::int64_t committed = changes_->acknowledged();
    ground_.await(after + ": events are in the tape", [&] { return position(kActions) >= end && written(kChanges) >= committed; });
    const auto took = std::chrono::ceil<Milliseconds>(clock_.steady() - begin);
    report_.figure("progress_after_" + after, took);
    if (after != kStart) slowest_ = std::max(slowest_, took);
    for (Instance* instance : instances_) CHECK_MESSAGE(instance->running(), instance->name() << " has ended\n" << instance->log_tail());
  }

  static bool alive(const Instance& instance) {
    const auto answer = instance.get("/healthz");
    return answer && answer->first == 200;
  }

  std::int64_t end_of(const std::string& topic) {
    const auto states = ground_.admin().describe_topics({topic});
    REQUIRE(states);
    std::int64_t end = 0;
    for (std::int32_t partition = 0; partition < states->front().partitions; ++partition) {
      const auto range = ground_.admin().range(topic, partition);
      REQUIRE_MESSAGE(range, range.error().line());
      end += range->end;
    }
    return end;
  }
  std::int64_t position(const std::string& topic) {
    return ground_.number("SELECT coalesce(sum(next_offset), 0)::bigint FROM weir.consumer_offsets WHERE topic = '" + topic + "'");
  }
  // Of changes the log holds markers too, so that positions say less.
  std::int64_t written(const std::string& topic) {
    return ground_.number("SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts WHERE outcome = 'done' AND topic = '" + topic + "'");
  }

  void end() {
    actions_->stop();
    changes_->stop();
    const std::int64_t committed = changes_->acknowledged();
    ground_.await("everything has ended", [&] { return position(kActions) == end_of(kActions) && written(kChanges) >= committed; });
    for (Instance* instance : instances_) CHECK(instance->stop().ok());
    report_.witness("partitions_and_half_open", partitions_ + half_open_, long_form_ ? 18 : 6);
    report_.witness("silences_that_swallowed", silences_, half_open_);
    report_.witness("links_reset", resets_, static_cast<std::int64_t>(pairs_.size()));
    report_.figure("silent_links_given_up", given_up_);
    report_.exact("found_unhealthy", unhealthy_, 0);
    report_.figure("slowest_progress", slowest_);
    CHECK(slowest_ <= kSoon);
    require_exact(report_, verify_tape(ground_, actions_journal_, {.topic = kActions, .places = false, .repeats = true}));
    require_exact(report_, verify_tape(ground_, changes_journal_, {.topic = kChanges, .places = false}));
    report_.figure("took", report_.elapsed());
  }

  bool long_form_;
  Milliseconds hold_;
  Report report_;
  const SystemClock clock_;
  std::uint64_t turn_;
  Ground ground_;
  Journal actions_journal_;
  Journal changes_journal_;
  std::vector<Instance*> instances_;
  std::vector<Pair> pairs_;
  std::optional<Generator> actions_;
  std::optional<Generator> changes_;
  std::int64_t partitions_ = 0;
  std::int64_t half_open_ = 0;
  std::int64_t silences_ = 0;
  std::int64_t given_up_ = 0;
  std::int64_t resets_ = 0;
  std::int64_t unhealthy_ = 0;
  Milliseconds slowest_{0};
};

}  // namespace

TEST_CASE("whatever the network between two parts does, nothing is lost, and work goes on once it is well") { Network(parameters()).run(); }
