// The network between any two parts hangs, swallows, tears and crawls, while changes and actions flow to two consumers: every one is in the
// tape, work goes on soon after the network is well again, and nobody waits for longer than its deadlines say.
#include "tests/chaos/scenarios/two_roads.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr const char* kStart = "start";  // nothing has been hurt yet
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

class Network {
 public:
  explicit Network(const Parameters& asked)
      : long_form_(asked.long_form),
        hold_(asked.of_form(Milliseconds{2'000}, Milliseconds{60'000})),
        report_("network", asked),
        turn_(asked.seed),
        roads_(report_, {}, true) {
    for (const std::string name : {"cdc", "gateway", "consumers"}) {
      pairs_.push_back({name + "_postgres", &roads_.ground().postgres_link(name)});
      pairs_.push_back({name + "_kafka", &roads_.ground().kafka_link(name)});
    }
    roads_.start(asked);
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
  /// In the long form a pair suffers each injury; in the short form the next one in turn, of which the seed chooses the first.
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
    for (const Instance* instance : roads_.instances()) unhealthy_ += alive(*instance) ? 0 : 1;
    const Counters after = pair.proxy->counters();
    ++(injury == Injury::kPartition ? partitions_ : half_open_);
    if (injury != Injury::kPartition) silences_ += after.swallowed_bytes > before.swallowed_bytes ? 1 : 0;
    pair.proxy->heal();
    require_progress(pair.name + "_" + name);
    // After a minute every deadline has passed: each process that waited has given the silent connection up and asked for another, which
    // waits for the proxy as long as the silence lasts.
    const std::int64_t links = injury == Injury::kPartition ? pair.proxy->counters().links : after.links;
    given_up_ += links > before.links ? 1 : 0;
    if (long_form_) CHECK_MESSAGE(links > before.links, pair.name << ' ' << name << ": nobody asked for another connection");
  }

  void let_pass() {
    const Milliseconds until = report_.elapsed() + hold_;
    roads_.ground().await("the while that it lasts", [&] { return report_.elapsed() >= until; });
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

  /// No part of the pipeline ends.
  void require_progress(const std::string& after) {
    const Milliseconds took = roads_.progress(after);
    if (after != kStart) slowest_ = std::max(slowest_, took);
    for (Instance* instance : roads_.instances()) {
      CHECK_MESSAGE(instance->running(), instance->name() << " has ended\n" << instance->log_tail());
    }
  }

  static bool alive(const Instance& instance) {
    const auto answer = instance.get("/healthz");
    return answer && answer->first == 200;
  }

  void end() {
    report_.witness("partitions_and_half_open", partitions_ + half_open_, long_form_ ? 18 : 6);
    report_.witness("silences_that_swallowed", silences_, half_open_);
    report_.witness("links_reset", resets_, static_cast<std::int64_t>(pairs_.size()));
    report_.figure("silent_links_given_up", given_up_);
    report_.exact("found_unhealthy", unhealthy_, 0);
    report_.figure("slowest_progress", slowest_);
    CHECK(slowest_ <= kSoon);
    roads_.end();
    report_.figure("took", report_.elapsed());
  }

  bool long_form_;
  Milliseconds hold_;
  Report report_;
  std::uint64_t turn_;
  TwoRoads roads_;
  std::vector<Pair> pairs_;
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
