// weir cdc as the process that it is, over the shipped tables: draining what piled up while it was away, and the time from a commit in
// the source until a read_committed reader has the change. Beside it, in the same run: reading the same changes bare, producing the same
// records bare, and what a small Kafka transaction takes.
#include "common/core/await.hpp"
#include "common/testing/services.hpp"
#include "producers/cdc/stream_position.hpp"
#include "tests/bench/cdc/floors.hpp"
#include "tests/bench/cdc/follower.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/usage.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <set>

using namespace weir;
using namespace weir::bench;

namespace {

constexpr Milliseconds kPatience{60'000};
constexpr std::size_t kRecordsATransaction = 20'000;  // as weir cdc ends its Kafka transactions
constexpr std::int32_t kPartitions = 6;               // cdc.partitions
constexpr const char* kHeartbeat = "100ms";           // while drained, so that the slot lets go of what was read within a moment
constexpr int kSmallTransactions = 400;
constexpr double kCores = 2;
constexpr double kTargetRatio = 2.5;
constexpr double kTargetAtLeastOnceMs = 25;

double seconds_between(Instant from, Instant to) { return std::chrono::duration<double>(to - from).count(); }

/// When a position beyond the one waited for became visible: with it, by their common transaction, all changes before it.
class PositionWatch {
 public:
  PositionWatch(const kafka::Settings& settings, const std::string& topic)
      : follower_(settings, topic, [this](std::string_view value, Instant seen) { note(value, seen); }) {}

  /// How many were seen since the last call: each is a Kafka transaction of changes.
  std::int64_t take_commits() {
    const std::lock_guard lock(mutex_);
    return std::exchange(commits_, 0);
  }
  Instant await_beyond(cdc::Lsn before_last) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [&] { return last_ > before_last; })) give_up("the position did not come");
    return seen_;
  }

 private:
  void note(std::string_view value, Instant seen) {
    const auto position = must(cdc::parse_position(value));
    const std::lock_guard lock(mutex_);
    // Commits count, not positions that only follow the idle source.
    if (position.last_commit && *position.last_commit > last_) {
      last_ = *position.last_commit;
      seen_ = seen;
      ++commits_;
    }
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  cdc::Lsn last_;
  std::int64_t commits_ = 0;
  Instant seen_{};
  Follower follower_;  // last: its thread uses the others
};

struct Drain {
  double seconds = 0;
  double weir_cpu = 0;
  double sender_cpu = 0;
  double broker_cpu = 0;
  std::uint64_t peak_bytes = 0;
  std::int64_t commits = 0;
};

Drain drain(Source& source, PositionWatch& positions, cdc::Lsn before_last) {
  const double broker = tree_cpu_seconds(testing::kafka().id());
  static_cast<void>(positions.take_commits());
  source.start_cdc();
  const auto sender = source.await_sender(source.slot());
  const Instant visible = positions.await_beyond(before_last);
  Drain result;
  result.seconds = seconds_between(sender.began, visible);
  result.commits = positions.take_commits();
  result.weir_cpu = cpu_seconds(source.process().id());
  result.sender_cpu = cpu_seconds(sender.id);
  result.broker_cpu = tree_cpu_seconds(testing::kafka().id()) - broker;
  result.peak_bytes = peak_memory_bytes(source.process().id());
  source.let_go();
  source.stop_cdc();
  return result;
}

std::vector<kafka::StoredRecord> records_of(const Source& source) {
  std::vector<kafka::StoredRecord> records;
  must(must(kafka::Admin::open(source.broker()))
           ->read_topic(
               source.topic(), [&](kafka::StoredRecord record) { records.push_back(std::move(record)); }, kPatience));
  return records;
}

/// Each row once: neither missing nor doubled.
void require_exactly_once(const std::vector<kafka::StoredRecord>& records, std::int64_t rows) {
  std::set<std::string_view> keys;
  for (const auto& record : records) keys.insert(*record.key);
  const auto wanted = static_cast<std::size_t>(rows);
  if (records.size() != wanted || keys.size() != wanted) {
    give_up(fmt::format("the topic holds {} records of {} rows, {} were written", records.size(), keys.size(), rows));
  }
}

struct Live {
  Percentiles milliseconds;
  double weir_cpu = 0;  // of a core
  double broker_cpu = 0;
};

/// Rows of one transaction each at a steady rate; how long each took from its commit in the source to a reader's hands.
Live live(Source& source, std::int64_t rate, std::int64_t seconds) {
  Live result;
  std::atomic<std::int64_t> seen{0};
  const std::int64_t warm_up = rate;
  Follower follower(source.broker(), source.topic(), [&](std::string_view value, Instant at) {
    constexpr std::string_view kCommitted = "\"ts_us\":";  // source.ts_us, the first of the envelope: the commit's time
    const std::size_t begin = value.find(kCommitted) + kCommitted.size();
    std::int64_t micros = 0;
    std::from_chars(value.data() + begin, value.data() + value.size(), micros);
    if (seen >= warm_up) result.milliseconds.add(static_cast<double>(unix_us(at) - micros) / 1e3);
    ++seen;
  });
  const auto await_seen = [&](std::int64_t count) {
    if (!await(kPatience, [&] { return seen >= count; })) give_up("changes are missing");
  };
  source.start_cdc();
  static_cast<void>(source.await_sender(source.slot()));
  source.write(warm_up, 1);
  await_seen(warm_up);
  const double weir_cpu = cpu_seconds(source.process().id());
  const double broker_cpu = tree_cpu_seconds(testing::kafka().id());
  const SystemClock clock;
  const SteadyInstant began = clock.steady();
  for (std::int64_t i = 0; i < rate * seconds; ++i) {
    const SteadyInstant due = began + Microseconds{1'000'000 * i / rate};
    static_cast<void>(await(
        kPatience, [&] { return clock.steady() >= due; }, Milliseconds{1}));
    source.write(1, 1);
  }
  await_seen(warm_up + rate * seconds);
  result.weir_cpu = (cpu_seconds(source.process().id()) - weir_cpu) / static_cast<double>(seconds);
  result.broker_cpu = (tree_cpu_seconds(testing::kafka().id()) - broker_cpu) / static_cast<double>(seconds);
  source.stop_cdc();
  return result;
}

/// An empty table is snapshotted and the slot is there: what is written from now on piles up in it.
void make_slot_of(Source& source) {
  source.start_cdc();
  static_cast<void>(source.await_sender(source.slot()));
  source.stop_cdc();
}

struct Options {
  std::int64_t rows = 200'000;
  std::int64_t rows_a_transaction = 1'000;
  std::int64_t rounds = 2;
  std::int64_t rate = 500;
  std::int64_t seconds = 15;
  std::string only;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

template <class Get>
double median_of(const auto& rounds, Get get) {
  std::vector<double> values;
  for (const auto& round : rounds) values.push_back(get(round));
  return median(std::move(values));
}

/// What was measured of one load, round by round.
struct Rounds {
  std::vector<Drain> drains;
  std::vector<Measured> reads;
  std::vector<Measured> produces;
};

struct Drained {
  Rounds rounds;
  std::vector<kafka::StoredRecord> records;  // of the round that is not counted
};

Drained measure_drain(const Options& options, Audit audit) {
  Source source("exactly_once", audit, kHeartbeat);
  make_slot_of(source);
  const std::string floor_slot = source.slot() + "_floor";
  source.make_slot(floor_slot);
  PositionWatch positions(source.broker(), source.position_topic());
  Drained result;
  // The broker is a JVM: what it has done before it does in a fraction of the time, so that a first round is not counted.
  drain(source, positions, source.write(options.rows, options.rows_a_transaction));
  result.records = records_of(source);
  static_cast<void>(read_bare(source, floor_slot, options.rows));
  static_cast<void>(produce_bare(source.broker(), result.records, kPartitions, kRecordsATransaction));
  Rounds& rounds = result.rounds;
  for (std::int64_t round = 0; round < options.rounds; ++round) {
    source.advance(floor_slot);
    const cdc::Lsn before_last = source.write(options.rows, options.rows_a_transaction);
    rounds.reads.push_back(read_bare(source, floor_slot, options.rows));
    rounds.drains.push_back(drain(source, positions, before_last));
    rounds.produces.push_back(produce_bare(source.broker(), result.records, kPartitions, kRecordsATransaction));
  }
  require_exactly_once(records_of(source), options.rows * (options.rounds + 1));
  // Nobody reads them any more: what the next load writes need not be kept for them.
  source.drop_slot(floor_slot);
  source.drop_slot(source.slot());
  return result;
}

double seconds_of(const auto& round) { return round.seconds; }
double own_of(const Measured& floor) { return floor.own_cpu; }
double server_of(const Measured& floor) { return floor.server_cpu; }

/// `load` ends each name. A change that is audited is two rows of WAL, of which one is published.
void tell(const Rounds& rounds, std::int64_t changes, Audit audit, Report& report) {
  const std::string load = audit == Audit::kOn ? ", audited table" : "";
  const auto rows = static_cast<double>(changes);
  const double weir = median_of(rounds.drains, [](const Drain& d) { return d.weir_cpu; });
  const double sender = median_of(rounds.drains, [](const Drain& d) { return d.sender_cpu; });
  const double broker = median_of(rounds.drains, [](const Drain& d) { return d.broker_cpu; });
  const auto cpu = [](const Measured& floor) { return floor.own_cpu + floor.server_cpu; };
  const double floors = median_of(rounds.reads, cpu) + median_of(rounds.produces, cpu);
  const double seconds = median_of(rounds.drains, [](const Drain& d) { return seconds_of(d); });
  const double rate = rows / seconds;
  const double read_rate = rows / median_of(rounds.reads, [](const Measured& m) { return seconds_of(m); });
  const double produce_rate = rows / median_of(rounds.produces, [](const Measured& m) { return seconds_of(m); });
  const double allowed = rows / (floors / kCores);
  const auto figure = [&](const char* name, double value, const char* unit) { report.figure(name + load, value, unit); };
  audit == Audit::kOff ? report.own("drained, exactly once", rate, "rows/s") : figure("drained, exactly once", rate, "rows/s");
  report.floor("floor: bare pgoutput read" + load, read_rate, "rows/s");
  report.floor("floor: bare transactional produce" + load, produce_rate, "messages/s");
  report.floor("floor: what two cores give for the CPU seconds of both" + load, allowed, "rows/s");
  figure("reached / floor of the bare read", rate / read_rate, "ratio");
  figure("reached / floor of two cores", rate / allowed, "ratio");
  figure("what one core gives for the walsender's CPU seconds", rows / sender, "rows/s");
  figure("what two cores give for the CPU seconds of all three", rows / ((weir + sender + broker) / kCores), "rows/s");
  figure("cores busy", (weir + sender + broker) / seconds, "");
  figure("Kafka transactions", median_of(rounds.drains, [](const Drain& d) { return static_cast<double>(d.commits); }), "");
  figure("processor time, weir cdc", weir, "s");
  figure("processor time, walsender", sender, "s");
  figure("processor time, broker", broker, "s");
  figure("processor time, floor: bare read, reader", median_of(rounds.reads, own_of), "s");
  figure("processor time, floor: bare read, walsender", median_of(rounds.reads, server_of), "s");
  figure("processor time, floor: bare produce, producer", median_of(rounds.produces, own_of), "s");
  figure("processor time, floor: bare produce, broker", median_of(rounds.produces, server_of), "s");
  figure("peak memory, weir cdc", median_of(rounds.drains, [](const Drain& d) { return static_cast<double>(d.peak_bytes); }) / 1048576,
         "MiB");
}

void measure_latency(const Options& options, const std::vector<kafka::StoredRecord>& records, Report& report) {
  Source exactly("exactly_once");
  Percentiles bare;
  make_slot_of(exactly);
  time_transactions(exactly.broker(), records, kPartitions, kSmallTransactions, bare);
  Live once = live(exactly, options.rate, options.seconds);
  require_exactly_once(records_of(exactly), options.rate * (options.seconds + 1));
  time_transactions(exactly.broker(), records, kPartitions, kSmallTransactions, bare);
  Source repeated("at_least_once");
  make_slot_of(repeated);
  Live at_least = live(repeated, options.rate, options.seconds);
  report.floor("floor: bare 5-message transaction, p50", bare.at(0.5), "ms");
  report.floor("floor: bare 5-message transaction, p99", bare.at(0.99), "ms");
  report.figure("commit to visible, exactly once, p50", once.milliseconds.at(0.5), "ms");
  report.figure("commit to visible, exactly once, p99", once.milliseconds.at(0.99), "ms");
  report.figure("p99 over the bare transaction's", once.milliseconds.at(0.99) / bare.at(0.99), "ratio");
  report.figure("commit to visible, at least once, p50", at_least.milliseconds.at(0.5), "ms");
  report.figure("commit to visible, at least once, p99", at_least.milliseconds.at(0.99), "ms");
  report.figure("share of a core at that rate, weir cdc", once.weir_cpu, "ratio");
  report.figure("share of a core at that rate, broker", once.broker_cpu, "ratio");
  report.figure("share of a core at that rate, weir cdc at least once", at_least.weir_cpu, "ratio");
  report.figure("share of a core at that rate, broker at least once", at_least.broker_cpu, "ratio");
  report.note(fmt::format("targets: p99 at most {} times the bare transaction's, {} ms at least once", kTargetRatio, kTargetAtLeastOnceMs));
}

}  // namespace

int main(int count, char** words) {
  Options options;
  Report report = CommandLine("weir cdc: draining what piled up, and from a commit in the source to a reader of Kafka")
                      .option("rows", options.rows, "changes to drain")
                      .option("rows-a-transaction", options.rows_a_transaction, "of the source")
                      .option("rounds", options.rounds, "of draining; medians are reported")
                      .option("rate", options.rate, "changes a second, one a transaction, while latency is measured")
                      .option("seconds", options.seconds, "of each measurement of latency")
                      .option("only", options.only, "drain: no measurement of latency")
                      .parse(count, words);
  const Drained drained = measure_drain(options, Audit::kOff);
  tell(drained.rounds, options.rows, Audit::kOff, report);
  tell(measure_drain(options, Audit::kOn).rounds, options.rows, Audit::kOn, report);
  report.note(
      "drained: without the audit trigger, as whoever is compared was measured; then with it, as shipped: two rows of WAL a change");
  if (options.only != "drain") measure_latency(options, drained.records, report);
  report.print();
  return 0;
}
