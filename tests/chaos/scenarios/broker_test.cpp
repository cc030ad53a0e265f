// The broker is killed, stopped and frozen under the gateway's load. As long as an outage lasts, the gateway tells its clients so and lets
// no more bytes wait than it may; soon after it takes events again. Every event that it acknowledged is in the topic and in the tape.
#include "tests/chaos/harness/generator.hpp"
#include "tests/chaos/harness/roads.hpp"
#include "tests/chaos/harness/verifier.hpp"
#include "tests/chaos/scenarios/gateway_client.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr const char* kActions = "weir.actions.v1";
constexpr const char* kInFlightMetric = "weir_gateway_in_flight_bytes";
constexpr double kEventsASecond = 2'000;
constexpr std::size_t kClients = 4;  // that share the rate
constexpr std::size_t kCrowd = 3;    // more clients, which come while the broker is away, each with as much as a request may hold
constexpr std::size_t kBatch = 50;
constexpr std::size_t kBatchOfCrowd = 1'000;
constexpr std::int64_t kKeysOfClient = 1'000;
constexpr std::int64_t kKeyOfVisitor = 1'000'000;
constexpr std::int64_t kMoreThanEnough = 100'000'000;
constexpr Milliseconds kSoon{30'000};
constexpr Milliseconds kPatienceToRead{60'000};
constexpr Milliseconds kBetweenSamples{50};
// The bytes that may wait for Kafka: about 1,900 of these events, fewer than the crowd posts.
constexpr std::int64_t kInFlight = 1L << 20U;
constexpr std::int64_t kBytesOfEvent = 2'000;  // each event has at least these
// Memory beside those bytes: requests and answers that are being handled, and what the allocator keeps of them.
constexpr std::int64_t kMoreMemoryKib = 64L << 10U;
constexpr int kAway = 503;

enum class Outage : std::uint8_t { kKilled, kStopped, kFrozen };
constexpr std::array<const char*, 3> kNames{"killed", "stopped", "frozen"};

/// The most that a process held while it was looked at.
class ResidentMemory {
 public:
  explicit ResidentMemory(const Instance& instance)
      : thread_([this, &instance](const std::stop_token& stop) {
          while (!await(kBetweenSamples, [&] { return stop.stop_requested(); })) {
            most_ = std::max(most_.load(), instance.resident_kib());
          }
        }) {}
  [[nodiscard]] std::int64_t most_kib() const { return most_; }

 private:
  std::atomic<std::int64_t> most_{0};
  std::jthread thread_;
};

class Broker {
 public:
  explicit Broker(const Parameters& asked)
      : asked_(asked),
        restarts_(asked.of_form(1, 20)),
        freezes_(asked.of_form(1, 10)),
        freeze_(asked.of_form(Milliseconds{6'000}, Milliseconds{60'000})),
        report_("broker", asked),
        dice_(asked.seed),
        ground_(report_, options(asked)),
        gateway_(add("gateway", "gateway")),
        tape_(add("tape", "tape")),
        journal_(ground_.folder() / "journal") {
    for (Instance* part : {&gateway_, &tape_}) part->start();
    ground_.await("both are ready", [&] { return gateway_.ready() && tape_.ready(); });
    const std::string key = make_gateway_key(ground_);
    for (std::size_t i = 0; i < kClients + kCrowd; ++i) hire(asked.seed, i, key);
    visitor_.emplace(ground_.gateway_port(), key, kKeyOfVisitor, journal_);
  }

  void run() {
    await_acknowledged();
    await_tape();
    const std::int64_t before = gateway_.resident_kib();
    const ResidentMemory memory(gateway_);
    for (const Outage outage : outages()) {
      if (asked_.duration && report_.elapsed() >= *asked_.duration) break;
      hurt(outage);
    }
    end();
    report_.figure("most_bytes_waiting", most_waiting_);
    CHECK(most_waiting_ <= kInFlight);
    report_.figure("resident_kib_before", before);
    report_.figure("most_resident_kib", memory.most_kib());
    CHECK(memory.most_kib() <= before + kMoreMemoryKib);
    verify();
    report_.figure("took", report_.elapsed());
  }

 private:
  static GroundOptions options(const Parameters& asked) {
    GroundOptions options;
    options.pipeline = true;
    options.set = {{"WEIR_GATEWAY_MAX_IN_FLIGHT_BYTES", std::to_string(kInFlight)}};
    // The default of 10 s would be most of a short run.
    if (!asked.long_form) options.set["WEIR_GATEWAY_DELIVERY_TIMEOUT"] = "2s";
    return options;
  }

  Instance& add(const std::string& name, const std::string& component) {
    InstanceOptions options{.name = name, .component = component, .kafka_link = {}, .postgres_link = {}, .environment = {}};
    if (component == "tape") options.environment["WEIR_TAPE_TOPICS"] = kActions;
    return ground_.add(options);
  }

  /// The steady clients first, then the crowd.
  void hire(std::uint64_t seed, std::size_t index, const std::string& key) {
    const bool steady = index < kClients;
    GeneratorOptions load{.seed = seed + index, .events = kMoreThanEnough, .keys = kKeysOfClient};
    load.first_key = static_cast<std::int64_t>(index) * kKeysOfClient;
    load.rate = steady ? kEventsASecond / kClients : 0;
    load.batch = steady ? kBatch : kBatchOfCrowd;
    if (!steady) load.held = true;
    clients_.push_back(std::make_unique<Generator>(load, gateway_road(ground_.gateway_port(), key), journal_));
  }

  std::vector<Outage> outages() {
    std::vector<Outage> all(restarts_, Outage::kKilled);
    all.insert(all.end(), restarts_, Outage::kStopped);
    all.insert(all.end(), freezes_, Outage::kFrozen);
    std::shuffle(all.begin(), all.end(), dice_);
    return all;
  }

  void hurt(Outage outage) {
    local::Kafka& kafka = ground_.services().kafka();
    const std::string name = kNames.at(static_cast<std::size_t>(outage));
    const Milliseconds since = report_.elapsed();
    if (outage == Outage::kFrozen) {
      kafka.pause();
    } else {
      const auto stopped = kafka.stop(outage == Outage::kKilled ? local::Kafka::Shutdown::kKill : local::Kafka::Shutdown::kOrderly);
      REQUIRE_MESSAGE(stopped, stopped.error().line());
    }
    report_.tell(name);
    await_refusals(name);
    if (outage == Outage::kFrozen) {
      ground_.await("the while that it lasts", [&] { return report_.elapsed() - since >= freeze_; });
      // The gateway has closed the connection of the last post, which was idle for too long, so a first post gets no answer.
      ground_.await("the gateway says so still", [&] { return visitor_->post() == kAway; });
      kafka.unpause();
    } else {
      // On a busy machine the broker may need longer to start than resume() waits.
      ground_.await("the broker starts", [&] { return kafka.resume().has_value(); });
    }
    recovered(name);
  }

  /// At first Kafka does not acknowledge the events that the gateway hands over; once the crowd has filled the bytes that may wait, the
  /// gateway takes no more events.
  void await_refusals(const std::string& name) {
    await_refusal(name, "kafka_unavailable", 0);
    for (std::size_t i = kClients; i < clients_.size(); ++i) clients_[i]->allow(clients_[i]->sent() + kBatchOfCrowd);
    await_refusal(name, "too_much_in_flight", kInFlight - kBytesOfEvent);
  }

  /// Posts only while at least so much waits for Kafka.
  void await_refusal(const std::string& name, const std::string& code, std::int64_t waits) {
    const std::int64_t before = visitor_->refusals(code);
    ground_.await(name + ": the gateway says " + code, [&] {
      const auto waiting = static_cast<std::int64_t>(gateway_.metric(kInFlightMetric).value_or(0));
      most_waiting_ = std::max(most_waiting_, waiting);
      if (waiting >= waits) visitor_->post();
      return visitor_->refusals(code) > before;
    });
  }

  void recovered(const std::string& name) {
    const SteadyInstant back = clock_.steady();
    const auto passed = [&] { return std::chrono::ceil<Milliseconds>(clock_.steady() - back); };
    await_acknowledged();
    const Milliseconds took = passed();
    report_.tell("and 202 again after " + format_duration(took));
    slowest_[name] = std::max(slowest_[name], took);
    ++hits_[name];
    await_tape();
    slowest_tape_ = std::max(slowest_tape_, passed());
    for (Instance* part : {&gateway_, &tape_}) REQUIRE_MESSAGE(part->running(), part->name() << " has ended\n" << part->log_tail());
  }

  [[nodiscard]] std::int64_t acknowledged() const {
    std::int64_t sum = 0;
    for (const auto& client : clients_) sum += client->acknowledged();
    return sum;
  }

  void await_acknowledged() {
    const std::int64_t before = acknowledged();
    ground_.await("events are acknowledged", [&] { return acknowledged() > before; });
  }

  /// Waits until all records that are in the log by now are in the tape.
  void await_tape() {
    std::optional<std::int64_t> end;
    ground_.await("the log tells its end", [&] { return (end = ground_.end_of(kActions)).has_value(); });
    ground_.await("what is in the log is in the tape", [&] { return ground_.tape_position(kActions).value_or(-1) >= *end; });
  }

  void end() {
    for (const auto& client : clients_) client->stop();
    for (const auto& client : clients_) CHECK_MESSAGE(!client->fault(), client->fault().value_or(Fault{}).line());
    await_tape();
    // All outages that were planned, or one of each kind where a duration was given.
    const auto planned = [&](std::size_t times) { return asked_.duration ? 1 : static_cast<std::int64_t>(times); };
    report_.witness("killed", hits_["killed"], planned(restarts_));
    report_.witness("stopped", hits_["stopped"], planned(restarts_));
    report_.witness("frozen", hits_["frozen"], planned(freezes_));
    const std::int64_t outages = hits_["killed"] + hits_["stopped"] + hits_["frozen"];
    for (const char* code : {"kafka_unavailable", "too_much_in_flight"}) {
      report_.witness(std::string("told_503_") + code, visitor_->refusals(code), outages);
    }
    for (const auto& [name, took] : slowest_) {
      report_.figure("slowest_202_after_" + name, took);
      CHECK(took <= kSoon);
    }
    report_.figure("slowest_tape", slowest_tape_);
    for (Instance* part : {&gateway_, &tape_}) part->stop_well();
  }

  void verify() {
    std::set<std::string> missing;
    for (const Acknowledged& entry : journal_.read()) missing.insert(entry.event.id());
    std::int64_t records = 0;
    const auto read = ground_.admin().read_topic(
        kActions,
        [&](const kafka::StoredRecord& record) {
          ++records;
          for (const auto& [name, text] : record.headers) {
            if (name == "ce_id") missing.erase(text);
          }
        },
        kPatienceToRead);
    REQUIRE_MESSAGE(read, read.error().line());
    report_.exact("acknowledged_and_not_in_the_topic", static_cast<std::int64_t>(missing.size()), 0);
    const TapeVerdict verdict = verify_tape(ground_, journal_, {.topic = kActions, .places = false, .repeats = true});
    report_.exact("in_the_topic_and_not_in_the_tape", records - verdict.rows, 0);
    require_exact(report_, verdict);
  }

  Parameters asked_;
  std::size_t restarts_;
  std::size_t freezes_;
  Milliseconds freeze_;
  Report report_;
  const SystemClock clock_;
  std::mt19937_64 dice_;
  Ground ground_;
  Instance& gateway_;
  Instance& tape_;
  Journal journal_;
  std::vector<std::unique_ptr<Generator>> clients_;
  std::optional<Visitor> visitor_;
  std::map<std::string, std::int64_t> hits_;
  std::map<std::string, Milliseconds> slowest_;  // from the broker's return to the next 202
  Milliseconds slowest_tape_{0};                 // and until all of that is in the tape
  std::int64_t most_waiting_ = 0;
};

}  // namespace

TEST_CASE("whatever becomes of the broker, the gateway keeps its word, and says when it cannot give it") { Broker(parameters()).run(); }
