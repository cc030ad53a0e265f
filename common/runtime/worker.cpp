#include "common/runtime/worker.hpp"

#include "common/runtime/decode.hpp"
#include "common/runtime/metric_rows.hpp"

#include <fmt/format.h>

namespace weir::runtime {

namespace {
constexpr Milliseconds kLongestWait{100};

/// An alarm asks by how much a counter rose, and a series that is born with its first event has not risen. So the series that alarms need
/// are there from the start.
void begin_series(telemetry::Metrics& metrics, const Description& description) {
  for (const TopicBinding& binding : description.topics) {
    for (const std::string_view outcome : kOutcomes) static_cast<void>(metrics.of(kEvents, {binding.topic, outcome}));
  }
  for (const FaultRow& row : fault_table()) {
    if (row.action != Action::kStop) static_cast<void>(metrics.of(kRetries, {row.name}));
  }
  for (const std::string_view found : kFound) static_cast<void>(metrics.of(kInDoubt, {found}));
  static_cast<void>(metrics.of(kDivisions));
}
}  // namespace

Worker::Worker(Consumer& consumer, Surroundings around, Options options)
    : consumer_(consumer),
      around_(std::move(around)),
      options_(options),
      description_(consumer.describe()),
      decoders_(description_.topics),
      unit_(description_.flush),
      topic_ids_(around_.source),
      random_(options.seed) {
  begin_series(around_.metrics, description_);
}

Result<void> Worker::turn() {
  if (auto fault = around_.mailbox.broken()) return fail(std::move(*fault));
  if (const auto rebalance = around_.mailbox.take_rebalance()) return handle(*rebalance);
  if (!settling_.empty()) {
    if (retries_.due(around_.clock.steady())) return attempt();
    around_.mailbox.wait(kLongestWait);
    return {};
  }
  for (const TopicPartition& key : topic_ids_.noted(holdings_)) lose(key, "topic_recreated");
  if (WEIR_TRY(claim_one())) return {};
  if (WEIR_TRY(obey_pauses())) return {};
  // The next unit of work was gathered while the last one was written, and under load it is full by now. If it came first, no wake-up would
  // ever have its turn, and no window would close. A wake-up comes at most once between two units, so that wake-ups do not hold the events
  // back either.
  if (!turns_.woken_since_unit() && wakeup_due()) return wake();
  forget_letters();
  if (letters_due()) {
    WEIR_TRY(take_letters());
    if (!settling_.empty()) return {};
  }
  if (unit_due()) {
    close_unit();
    return {};
  }
  if (any_broken_) claim_broken();
  if (stop_after_unit_) {
    keep_rebuilt();
    return fail(*stop_after_unit_);
  }
  if (!draining_) {
    if (auto fetched = around_.mailbox.take_fetched()) {
      admit(std::move(*fetched));
      return {};
    }
    if (wakeup_due()) return wake();
  }
  unit_.make_room();
  around_.mailbox.wait(kLongestWait);
  return {};
}

void Worker::abandon() {
  std::vector<TopicPartition> all;
  for (const Partition& partition : holdings_.all()) all.push_back(partition.key);
  let_go(all, true);
  unit_.drop();
  settling_.drop();
}

void Worker::serve_closing() {
  if (const auto rebalance = around_.mailbox.take_rebalance()) {
    if (rebalance->kind != Rebalance::kAssigned) let_go(rebalance->partitions, rebalance->kind == Rebalance::kRevoked);
    around_.mailbox.answer(*rebalance);
    return;
  }
  while (around_.mailbox.take_fetched()) {
  }
  around_.mailbox.wait(kLongestWait);
}

std::string Worker::own(std::string_view condition) const {
  return options_.lane == 0 ? std::string(condition) : fmt::format("{} (lane {})", condition, options_.lane + 1);
}

std::map<TopicPartition, Worker::Progress> Worker::progress() const {
  const std::lock_guard lock(published_mutex_);
  return published_;
}

void Worker::publish_progress() {
  const std::lock_guard lock(published_mutex_);
  published_.clear();
  for (const Partition& partition : holdings_.all()) {
    if (partition.claimed)
      published_[partition.key] = {partition.claim.position.next_offset, partition.oldest ? partition.oldest : partition.oldest_in_unit};
  }
}

}  // namespace weir::runtime
