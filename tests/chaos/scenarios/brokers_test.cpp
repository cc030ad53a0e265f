// Three brokers, each of which is killed in turn and then restarted in good order, while changes and actions flow through cdc and the
// gateway into two tapes. Topics have three replicas, of which two acknowledge: every acknowledged event is in the tape, none twice, and
// work goes on while the broker is away.
#include "common/testing/services.hpp"
#include "tests/chaos/scenarios/two_roads.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr std::size_t kBrokers = 3;
constexpr Milliseconds kSoon{30'000};

class Brokers {
 public:
  explicit Brokers(const Parameters& asked)
      : kills_(asked.of_form(3, 30)),
        stops_(asked.of_form(1, 15)),
        report_("brokers", asked),
        dice_(asked.seed),
        roads_(report_, {.brokers = kBrokers}, false) {
    roads_.start(asked);
    // cdc has made a topic of its own by now, which the first `weir topics apply` could not know.
    const auto applied = ground().weir({"topics", "apply"});
    REQUIRE_MESSAGE(applied, applied.error().line());
    ground().await("two replicas acknowledge in every topic", [&] { return all_topics([](const auto& topic) { return is_safe(topic); }); });
  }

  void run() {
    static_cast<void>(roads_.progress("start"));
    take_away_in_turn(kills_, local::Kafka::Shutdown::kKill);
    take_away_in_turn(stops_, local::Kafka::Shutdown::kOrderly);
    end();
  }

 private:
  [[nodiscard]] Ground& ground() { return roads_.ground(); }

  /// Each broker as often as any other; the seed decides the order of each round.
  void take_away_in_turn(int times, local::Kafka::Shutdown how) {
    std::vector<std::size_t> round;
    for (int time = 0; time < times; ++time) {
      if (round.empty()) {
        round = {0, 1, 2};
        std::shuffle(round.begin(), round.end(), dice_);
      }
      take_away(round.back(), how);
      round.pop_back();
    }
  }

  /// Of all topics that hold records of weir, and of Kafka's own.
  bool all_topics(const std::function<bool(const kafka::TopicState&)>& holds) {
    std::vector<std::string> names;
    const auto listed = ground().admin().list_topics();
    for (const auto& topic : listed.value_or(std::vector<kafka::TopicState>{})) names.push_back(topic.name);
    const auto described = ground().admin().describe_topics(names);
    return described && !described->empty() && std::ranges::all_of(*described, holds);
  }
  static bool is_safe(const kafka::TopicState& topic) {
    const bool is_weirs = topic.name.starts_with("weir.");
    return topic.replication == kBrokers && (!is_weirs || topic.configuration.at("min.insync.replicas") == "2");
  }

  std::string ends_of_broker_logs() {
    std::string ends;
    for (std::size_t broker = 0; broker < kBrokers; ++broker) {
      const std::string log = testing::content(ground().folder() / ("kafka-" + std::to_string(broker + 1) + ".log"));
      ends += "---- broker " + std::to_string(broker + 1) + (ground().services().kafka(broker).running() ? "" : " (has ended)") + "\n" +
              log.substr(log.size() - std::min<std::size_t>(log.size(), 6'000));
    }
    return ends;
  }

  /// What an operator does: the next broker goes only once this one has caught up.
  void take_away(std::size_t broker, local::Kafka::Shutdown how) {
    INFO(ends_of_broker_logs());
    const bool killed = how == local::Kafka::Shutdown::kKill;
    local::Kafka& kafka = ground().services().kafka(broker);
    const auto stopped = kafka.stop(how);
    REQUIRE_MESSAGE(stopped, stopped.error().line());
    const std::string name = (killed ? "kill_of_" : "stop_of_") + std::to_string(broker + 1);
    report_.tell(name);
    slowest_[killed] = std::max(slowest_[killed], roads_.progress(name));
    ++taken_away_[killed];
    ground().await("the broker starts", [&] { return kafka.resume().has_value(); });
    ground().await("all replicas are in sync",
                   [&] { return all_topics([](const kafka::TopicState& topic) { return topic.in_sync == topic.replication; }); });
    for (std::size_t other = 0; other < kBrokers; ++other) REQUIRE(ground().services().kafka(other).running());
    for (Instance* part : roads_.instances()) REQUIRE_MESSAGE(part->running(), part->name() << " has ended\n" << part->log_tail());
  }

  void end() {
    report_.witness("brokers_killed", taken_away_[true], kills_);
    report_.witness("brokers_stopped", taken_away_[false], stops_);
    report_.figure("slowest_progress_after_a_kill", slowest_[true]);
    report_.figure("slowest_progress_after_a_stop", slowest_[false]);
    CHECK(slowest_[true] <= kSoon);
    CHECK(slowest_[false] <= kSoon);
    roads_.end();
    report_.figure("took", report_.elapsed());
  }

  int kills_;
  int stops_;
  Report report_;
  std::mt19937_64 dice_;
  TwoRoads roads_;
  std::map<bool, std::int64_t> taken_away_;  // by whether it was killed
  std::map<bool, Milliseconds> slowest_;     // from then until every event acknowledged behind that is in the tape
};

}  // namespace

TEST_CASE("whichever of three brokers goes, nothing is lost, nothing is doubled, and work goes on") { Brokers(parameters()).run(); }
