#include "common/runtime/worker.hpp"

#include <fmt/format.h>

namespace weir::runtime {

namespace {
constexpr Milliseconds kLongestWait{100};
}  // namespace

Worker::Worker(Consumer& consumer, Surroundings around, Options options)
    : consumer_(consumer), around_(std::move(around)), options_(options), description_(consumer.describe()), random_(options.seed) {}

Result<void> Worker::turn() {
  if (auto fault = around_.mailbox.broken()) return fail(std::move(*fault));
  if (const auto notice = around_.mailbox.take_notice()) return handle(*notice);
  if (!pieces_.empty()) {
    if (around_.clock.steady() >= retry_at_) return attempt();
    around_.mailbox.wait(kLongestWait);
    return {};
  }
  heed_noted_topics();
  if (WEIR_TRY(claim_one())) return {};
  // The next unit of work was gathered while the last one was written. Under load it is full by now: if it came first, no wake-up would
  // ever have its turn, and no window would close. Nor do wake-ups that follow each other hold the events back.
  if (!woken_since_unit_ && wakeup_due()) return wake();
  forget_letters();
  if (letters_due()) {
    WEIR_TRY(take_letters());
    if (!pieces_.empty()) return {};
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
  make_room();
  around_.mailbox.wait(kLongestWait);
  return {};
}

void Worker::abandon() {
  std::vector<TopicPartition> all;
  for (const auto& [key, partition] : partitions_) all.push_back(key);
  let_go(all, true);
  unit_ = {};
  pieces_.clear();
}

void Worker::serve_closing() {
  if (const auto notice = around_.mailbox.take_notice()) {
    if (notice->kind != Rebalance::kAssigned) let_go(notice->partitions, notice->kind == Rebalance::kRevoked);
    around_.mailbox.answer(*notice);
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
  for (const auto& [key, partition] : partitions_) {
    if (partition.claimed)
      published_[key] = {partition.claim.position.next_offset, partition.oldest ? partition.oldest : partition.oldest_in_unit};
  }
}

}  // namespace weir::runtime
