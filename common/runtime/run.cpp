#include "common/runtime/run.hpp"

#include "common/core/thread_name.hpp"
#include "common/runtime/metric_rows.hpp"

#include <algorithm>
#include <condition_variable>
#include <thread>

namespace weir::runtime {

namespace {

constexpr Seconds kStuck{60};  // longer than any single call to a broker, and longer than a revocation may take
constexpr Seconds kSampleEvery{5};

/// Asks the broker for the lag, so that even a stuck worker is noticed, and for the ids of the topics.
class Sampler {
 public:
  Sampler(Source& source, std::vector<Worker*> workers, const Clock& clock, telemetry::Metrics& metrics)
      : source_(source), workers_(std::move(workers)), clock_(clock), metrics_(metrics), thread_([this](const std::stop_token& stop) {
          name_thread("sample lag");
          loop(stop);
        }) {}
  ~Sampler() {
    thread_.request_stop();
    waiting_.notify_all();
  }

 private:
  using Progress = std::map<TopicPartition, Worker::Progress>;

  void loop(const std::stop_token& stop) {
    Progress before;
    while (!stop.stop_requested()) {
      Progress now;
      for (const Worker* worker : workers_) now.merge(worker->progress());
      for (const auto& [key, progress] : before) {
        if (now.contains(key)) continue;
        metrics_.remove(kLagRecords, {key.topic, std::to_string(key.partition)});
        metrics_.remove(kLagSeconds, {key.topic, std::to_string(key.partition)});
      }
      for (const auto& [key, progress] : now) {
        if (stop.stop_requested()) return;  // each of these questions may wait for a broker that is away
        const auto age = progress.oldest ? std::max(clock_.now() - *progress.oldest, Microseconds{0}) : Microseconds{0};
        const std::string partition = std::to_string(key.partition);
        metrics_.of(kLagSeconds, {key.topic, partition}).set(std::chrono::duration<double>(age).count());
        if (const auto range = source_.log_range(key)) {
          metrics_.of(kLagRecords, {key.topic, partition})
              .set(static_cast<double>(std::max<std::int64_t>(0, range->end - progress.next_offset)));
        }
      }
      if (!now.empty()) note_topics(now);
      before = now;
      std::unique_lock lock(mutex_);
      waiting_.wait_for(lock, stop, kSampleEvery, [] { return false; });
    }
  }

  void note_topics(const Progress& of) {
    std::vector<std::string> topics;
    for (const auto& [key, progress] : of) {
      if (topics.empty() || topics.back() != key.topic) topics.push_back(key.topic);
    }
    const auto ids = source_.ask_topic_ids(topics)();
    if (!ids) return;
    for (Worker* worker : workers_) worker->note_topics(*ids);
  }

  Source& source_;
  std::vector<Worker*> workers_;
  const Clock& clock_;
  telemetry::Metrics& metrics_;
  std::mutex mutex_;
  std::condition_variable_any waiting_;
  std::jthread thread_;  // destroyed first
};

/// The working threads of one client. They turn until one of them has to end, and then all end together.
class Workers {
 public:
  Workers(const RunInputs& inputs, const Options& options, const Fetcher& fetcher)
      : inputs_(inputs), options_(options), fetcher_(fetcher), last_turns_(inputs.lanes.size()) {}

  void add(std::unique_ptr<Worker> worker) { workers_.push_back(std::move(worker)); }
  [[nodiscard]] std::vector<Worker*> all() const {
    std::vector<Worker*> all;
    for (const auto& worker : workers_) all.push_back(worker.get());
    return all;
  }
  [[nodiscard]] bool need_new_client() const {
    return std::any_of(workers_.begin(), workers_.end(), [](const auto& worker) { return worker->needs_new_client(); });
  }

  /// Runs until told to stop, or until a fault. Then it finishes what is in hand within the drain time; events that are not finished by
  /// then are dropped, and the next owner takes them again. Returns the first fault.
  Result<void> run() {
    for (auto& turn : last_turns_) turn = now();
    on_each([this](std::size_t lane) { turn_until_stopped(lane); });
    return std::move(outcome_);
  }
  /// Lets the partitions go, and answers rebalances until the group is left.
  void close(std::atomic<bool>& closing, const std::atomic<bool>& closed) {
    for (const auto& worker : workers_) worker->abandon();
    closing = true;
    closing.notify_all();
    on_each([&](std::size_t lane) {
      while (!closed.load()) workers_[lane]->serve_closing();
    });
  }

 private:
  /// The first lane runs on this thread.
  void on_each(const std::function<void(std::size_t)>& run) {
    std::vector<std::jthread> threads;
    for (std::size_t lane = 1; lane < workers_.size(); ++lane)
      threads.emplace_back([&run, lane] {
        name_thread("lane " + std::to_string(lane + 1));
        run(lane);
      });
    run(0);
  }

  void turn_until_stopped(std::size_t lane) {
    Worker& worker = *workers_[lane];
    Result<void> outcome{};
    while (outcome && !ending_.load() && !inputs_.stopped() && !worker.needs_new_client()) {
      outcome = worker.turn();
      last_turns_[lane] = now();
      if (lane == 0 && all_turning()) inputs_.beat();
    }
    ending_ = true;
    bool counted = false;
    if (outcome) outcome = drain(worker, counted);
    if (!counted) ++settled_;
    if (outcome) return;
    const std::lock_guard lock(mutex_);
    if (outcome_) outcome_ = std::move(outcome);
  }

  /// Goes on turning while another lane has events in hand, because this lane's partitions may be revoked meanwhile and it must answer.
  Result<void> drain(Worker& worker, bool& settled) {
    worker.drain();
    const std::int64_t until = now() + std::chrono::nanoseconds(options_.drain_time).count();
    while (now() < until) {
      if (worker.empty_handed() && !std::exchange(settled, true)) ++settled_;
      if (settled && settled_ >= workers_.size()) break;
      WEIR_TRY(worker.turn());
    }
    return {};
  }

  [[nodiscard]] std::int64_t now() const { return inputs_.clock.steady().time_since_epoch().count(); }
  [[nodiscard]] bool all_turning() const {
    if (inputs_.clock.steady() - fetcher_.last_turn() >= kStuck) return false;
    const std::int64_t since = now() - std::chrono::nanoseconds(kStuck).count();
    return std::all_of(last_turns_.begin(), last_turns_.end(), [since](const auto& turn) { return turn > since; });
  }

  const RunInputs& inputs_;
  const Options& options_;
  const Fetcher& fetcher_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::atomic<std::int64_t>> last_turns_;
  std::atomic<bool> ending_{false};
  std::atomic<std::size_t> settled_{0};  // lanes with nothing in hand, or given up
  std::mutex mutex_;
  Result<void> outcome_{};
};

/// Runs with one client of Kafka. True: a new client is needed to go on.
Result<bool> run_with_client(const RunInputs& inputs, const Options& options, const FlushLimits& flush) {
  Bell bell;
  std::vector<std::unique_ptr<Mailbox>> mailboxes;
  std::vector<Mailbox*> named;
  for (std::size_t i = 0; i < inputs.lanes.size(); ++i) named.push_back(mailboxes.emplace_back(std::make_unique<Mailbox>(bell)).get());
  // A lane gathers a unit of work while it writes another, so the mailboxes only need room for records that come while it does neither.
  const std::size_t part =
      4 / std::min<std::size_t>(inputs.lanes.size(), 4);  // the share of a unit that may wait: a quarter for one lane, a half for two
  FetchLimits limits{.waiting = {flush.max_records / part, flush.max_bytes / part}, .drain_time = options.drain_time};
  Fetcher fetcher(bell, named, inputs.clock, inputs.log, inputs.health, limits);
  const std::unique_ptr<Source> source = WEIR_TRY(inputs.open_source(fetcher));
  fetcher.attach(*source);
  Workers workers(inputs, options, fetcher);
  for (std::size_t i = 0; i < inputs.lanes.size(); ++i) {
    Options own = options;
    own.lane = i;
    own.seed = options.seed + i;
    workers.add(
        std::make_unique<Worker>(inputs.lanes[i].consumer,
                                 Surroundings{*source, inputs.lanes[i].ledger, inputs.lanes[i].letters, *named[i], inputs.clock, inputs.log,
                                              inputs.metrics, inputs.health, [&fetcher] { return fetcher.last_trouble(); }},
                                 own));
  }
  std::atomic<bool> closing{false};
  std::atomic<bool> closed{false};
  std::jthread fetching([&] {
    name_thread("poll");
    while (!closing.load()) {
      if (auto turned = fetcher.turn(); !turned) {
        named.front()->break_down(std::move(turned).error());
        break;
      }
    }
    closing.wait(false);
    fetcher.close();
    closed = true;
    for (Mailbox* mailbox : named) mailbox->nudge();
  });
  Result<void> outcome{};
  {
    const Sampler sampler(*source, workers.all(), inputs.clock, inputs.metrics);
    outcome = workers.run();
  }
  // Leaving the group revokes partitions, and a revocation waits for the workers.
  workers.close(closing, closed);
  WEIR_TRY(std::move(outcome));
  return workers.need_new_client();
}

}  // namespace

Result<void> run(const RunInputs& inputs, const Options& options) {
  WEIR_ASSERT(!inputs.lanes.empty());
  const FlushLimits flush = inputs.lanes.front().consumer.describe().flush;
  while (WEIR_TRY(run_with_client(inputs, options, flush)) && !inputs.stopped()) inputs.log.warning("kafka_client_replaced", {});
  return {};
}

}  // namespace weir::runtime
