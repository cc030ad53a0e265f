// The polling thread: polls, hands over to each partition's lane through its mailbox, and passes rebalances on. It never touches Postgres,
// and it does not decode: a record stays in the caches of the thread that folds it.
#pragma once

#include "common/runtime/lane_table.hpp"
#include "common/runtime/mailbox.hpp"
#include "common/runtime/source.hpp"
#include "common/telemetry/health.hpp"
#include "common/telemetry/log.hpp"

#include <atomic>
#include <map>
#include <set>

namespace weir::runtime {

struct FetchLimits {
  Load waiting;  // the most that waits in all mailboxes together, to which one more poll may be added
  std::size_t poll_records = 2'000;
  Milliseconds poll_patience{100};
  /// The fetcher waits this long for a full mailbox before it pauses the lane's partitions. Pausing drops what the client has fetched
  /// ahead, so the wait is longer than writing a unit of work usually takes.
  Milliseconds pause_after{1'000};
  Milliseconds drain_time{20'000};
};

class Fetcher final : public RebalanceListener {
 public:
  /// `mailboxes` holds one for each lane, and at least one. The mailboxes and the bell must outlive the fetcher.
  Fetcher(Bell& bell, const std::vector<Mailbox*>& mailboxes, const Clock& clock, telemetry::Log& log, telemetry::Health& health,
          FetchLimits limits);

  /// The source is made with the fetcher as its listener, so it is handed in later. It must outlive the fetcher.
  void attach(Source& source) { source_ = &source; }
  /// Polls once. Returns a fault only where polling again does not mend it.
  Result<void> turn();
  /// Leaves the group; the working threads must still be turning.
  void close();

  /// When the broker last failed to answer. An end of log that was seen before that moment may not be the end any more.
  [[nodiscard]] SteadyInstant last_trouble() const { return SteadyInstant{std::chrono::nanoseconds{last_trouble_ns_.load()}}; }
  [[nodiscard]] SteadyInstant last_turn() const { return SteadyInstant{std::chrono::nanoseconds{last_turn_ns_.load()}}; }

  void assigned(std::span<const TopicPartition> partitions) override;
  void revoked(std::span<const TopicPartition> partitions) override;
  void lost(std::span<const TopicPartition> partitions) override;

 private:
  struct Lane {
    Mailbox* mailbox;
    std::uint64_t orders_done = 0;
    bool paused = false;
  };

  Result<void> carry_out_orders();
  Result<void> hold_back();
  [[nodiscard]] bool has_room() const;
  Result<void> pause_fullest();
  Result<void> resume_emptied();
  [[nodiscard]] std::vector<TopicPartition> partitions_of(const Lane& lane) const;
  void hand_over(RecordBatch batch);
  void forget(std::span<const TopicPartition> partitions);
  [[nodiscard]] std::vector<std::vector<TopicPartition>> by_lane(std::span<const TopicPartition> partitions) const;

  Bell& bell_;
  std::vector<Lane> lanes_;
  LaneTable table_;
  const Clock& clock_;
  telemetry::Log& log_;
  telemetry::Health& health_;
  FetchLimits limits_;
  Source* source_ = nullptr;
  std::set<TopicPartition> assigned_;
  std::set<TopicPartition> unstarted_;  // assigned, but their lane has not yet said from where they are read
  SteadyInstant assigned_at_{};         // when the last of the unstarted ones were assigned
  std::set<TopicPartition> held_;       // paused until their lane orders them to be read on
  bool troubled_ = false;               // the last poll failed
  std::atomic<std::int64_t> last_trouble_ns_{0};
  std::atomic<std::int64_t> last_turn_ns_{0};
};

}  // namespace weir::runtime
