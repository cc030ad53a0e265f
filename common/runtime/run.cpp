#include "common/runtime/run.hpp"

#include "common/runtime/metric_rows.hpp"

#include <condition_variable>
#include <thread>

namespace weir::runtime {

namespace {

constexpr Seconds kStuck{60};  // longer than any single broker call and than a revocation may take
constexpr Seconds kSampleEvery{5};

/// Asks the broker for what the worker does not see by itself: the lag, so that a stuck worker shows too, and which topics are there.
class Sampler {
 public:
  Sampler(Source& source, Worker& worker, const Clock& clock, telemetry::Metrics& metrics)
      : thread_([&source, &worker, &clock, &metrics, this](const std::stop_token& stop) { loop(stop, source, worker, clock, metrics); }) {}
  ~Sampler() {
    thread_.request_stop();
    waiting_.notify_all();
  }

 private:
  void loop(const std::stop_token& stop, Source& source, Worker& worker, const Clock& clock, telemetry::Metrics& metrics) {
    std::map<TopicPartition, Worker::Progress> before;
    while (!stop.stop_requested()) {
      const auto now = worker.progress();
      for (const auto& [key, progress] : before) {
        if (now.contains(key)) continue;
        metrics.remove(kLagRecords, labels(key));
        metrics.remove(kLagSeconds, labels(key));
      }
      for (const auto& [key, progress] : now) {
        if (stop.stop_requested()) return;  // each question may wait for a broker that is away
        const auto age = progress.oldest ? std::max(clock.now() - *progress.oldest, Microseconds{0}) : Microseconds{0};
        metrics.set(kLagSeconds, labels(key), std::chrono::duration<double>(age).count());
        if (const auto range = source.log_range(key)) {
          metrics.set(kLagRecords, labels(key), static_cast<double>(std::max<std::int64_t>(0, range->end - progress.next_offset)));
        }
      }
      if (!now.empty()) note_topics(source, worker, now);
      before = now;
      std::unique_lock lock(mutex_);
      waiting_.wait_for(lock, stop, kSampleEvery, [] { return false; });
    }
  }

  static void note_topics(Source& source, Worker& worker, const std::map<TopicPartition, Worker::Progress>& of) {
    std::vector<std::string> topics;
    for (const auto& [key, progress] : of) {
      if (topics.empty() || topics.back() != key.topic) topics.push_back(key.topic);
    }
    if (auto ids = source.ask_topic_ids(topics)()) worker.note_topics(std::move(*ids));
  }

  static telemetry::Labels labels(const TopicPartition& key) {
    return {{"topic", key.topic}, {"partition", std::to_string(key.partition)}};
  }

  std::mutex mutex_;
  std::condition_variable_any waiting_;
  std::jthread thread_;
};

/// Lets what is in hand finish within the drain time; what does not is dropped and taken again by the next owner.
Result<void> drain(Worker& worker, const Clock& clock, Milliseconds patience) {
  worker.drain();
  const SteadyInstant until = clock.steady() + patience;
  while (!worker.settled() && clock.steady() < until) WEIR_TRY(worker.turn());
  return {};
}

/// Runs with one client of Kafka. True: another one is needed.
Result<bool> run_with_client(const RunInputs& inputs, const Options& options) {
  const Description description = inputs.consumer.describe();
  DecoderTable decoders(description.topics);
  // One unit of work waits while another is written.
  Mailbox mailbox(description.flush.max_records, description.flush.max_bytes);
  Fetcher fetcher(mailbox, decoders, inputs.clock, inputs.log, inputs.health, FetchLimits{2'000, Milliseconds{100}, options.drain_time});
  const std::unique_ptr<Source> source = WEIR_TRY(inputs.open_source(fetcher));
  fetcher.attach(*source);
  Worker worker(inputs.consumer,
                {*source, inputs.ledger, decoders, mailbox, inputs.clock, inputs.log, inputs.metrics, inputs.health,
                 [&fetcher] { return fetcher.last_trouble(); }},
                options);
  std::atomic<bool> closing{false};
  std::atomic<bool> closed{false};
  std::jthread fetching([&] {
    while (!closing.load()) {
      if (auto turned = fetcher.turn(); !turned) {
        mailbox.break_down(std::move(turned).error());
        break;
      }
    }
    closing.wait(false);
    fetcher.close();
    closed = true;
    mailbox.wake();
  });
  Result<void> outcome{};
  {
    const Sampler sampler(*source, worker, inputs.clock, inputs.metrics);
    while (outcome && !inputs.stopped() && !worker.needs_new_client()) {
      outcome = worker.turn();
      if (inputs.clock.steady() - fetcher.last_turn() < kStuck) inputs.beat();
    }
    if (outcome) outcome = drain(worker, inputs.clock, options.drain_time);
  }
  worker.abandon();
  closing = true;
  closing.notify_all();
  // Leaving the group revokes partitions, and a revocation waits for the worker.
  while (!closed.load()) worker.serve_closing();
  WEIR_TRY(std::move(outcome));
  return worker.needs_new_client();
}

}  // namespace

Result<void> run(const RunInputs& inputs, const Options& options) {
  while (WEIR_TRY(run_with_client(inputs, options)) && !inputs.stopped()) inputs.log.warning("kafka_client_replaced", {});
  return {};
}

}  // namespace weir::runtime
