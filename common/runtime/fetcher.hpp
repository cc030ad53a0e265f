// The polling thread: polls, decodes ahead, hands over to each partition's lane through its mailbox, and passes rebalances on. It never
// touches Postgres.
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
  Load waiting;  // in all mailboxes; and what one poll brings beyond it
  std::size_t poll_records = 2'000;
  Milliseconds poll_patience{100};
  /// A full mailbox is waited for this long, which is longer than a unit of work takes to be written as a rule: to pause drops what the
  /// client has fetched ahead.
  Milliseconds pause_after{1'000};
  Milliseconds drain_time{20'000};
};

class Fetcher final : public RebalanceListener {
 public:
  /// A mailbox a lane; at least one. They and the bell must outlive the fetcher.
  Fetcher(Bell& bell, const std::vector<Mailbox*>& mailboxes, DecoderTable& decoders, const Clock& clock, telemetry::Log& log,
          telemetry::Health& health, FetchLimits limits);

  /// The source is made after its listener, so it is handed in later. Must outlive the fetcher.
  void attach(Source& source) { source_ = &source; }
  /// One poll. The Fault is one that polling again does not mend.
  Result<void> turn();
  /// Leaves the group; the working threads must still be turning.
  void close();

  /// When the broker last failed to answer: an end of log seen before then says nothing about now.
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
  DecoderTable& decoders_;
  const Clock& clock_;
  telemetry::Log& log_;
  telemetry::Health& health_;
  FetchLimits limits_;
  Source* source_ = nullptr;
  std::set<TopicPartition> assigned_;
  std::set<TopicPartition> unstarted_;  // assigned, and waiting for the word from where
  SteadyInstant assigned_at_{};         // when the last of them were assigned
  std::set<TopicPartition> held_;       // paused until their lane orders them to be read on
  std::set<TopicPartition> undecoded_;  // partitions whose records the working thread decodes
  bool troubled_ = false;               // the last poll failed
  std::atomic<std::int64_t> last_trouble_ns_{0};
  std::atomic<std::int64_t> last_turn_ns_{0};
};

}  // namespace weir::runtime
