// The polling thread: polls, decodes ahead, hands over through the mailbox, and passes rebalances on. It never touches Postgres.
#pragma once

#include "common/runtime/mailbox.hpp"
#include "common/runtime/source.hpp"
#include "common/telemetry/health.hpp"
#include "common/telemetry/log.hpp"

#include <atomic>
#include <map>
#include <set>

namespace weir::runtime {

struct FetchLimits {
  std::size_t poll_records = 2'000;
  Milliseconds poll_patience{100};
  Milliseconds drain_time{20'000};
};

class Fetcher final : public RebalanceListener {
 public:
  Fetcher(Mailbox& mailbox, DecoderTable& decoders, const Clock& clock, telemetry::Log& log, telemetry::Health& health, FetchLimits limits)
      : mailbox_(mailbox), decoders_(decoders), clock_(clock), log_(log), health_(health), limits_(limits) {}

  /// The source is made after its listener, so it is handed in later. Must outlive the fetcher.
  void attach(Source& source) { source_ = &source; }
  /// One poll. The Fault is one that polling again does not mend.
  Result<void> turn();
  /// Leaves the group; the working thread must still be turning.
  void close();

  /// When the broker last failed to answer: an end of log seen before then says nothing about now.
  [[nodiscard]] SteadyInstant last_trouble() const { return SteadyInstant{std::chrono::nanoseconds{last_trouble_ns_.load()}}; }
  [[nodiscard]] SteadyInstant last_turn() const { return SteadyInstant{std::chrono::nanoseconds{last_turn_ns_.load()}}; }

  void assigned(std::span<const TopicPartition> partitions) override;
  void revoked(std::span<const TopicPartition> partitions) override;
  void lost(std::span<const TopicPartition> partitions) override;

 private:
  Result<void> carry_out_orders();
  Result<void> hold_back();
  void hand_over(RecordBatch batch);
  void forget(std::span<const TopicPartition> partitions);

  Mailbox& mailbox_;
  DecoderTable& decoders_;
  const Clock& clock_;
  telemetry::Log& log_;
  telemetry::Health& health_;
  FetchLimits limits_;
  Source* source_ = nullptr;
  std::set<TopicPartition> assigned_;
  std::set<TopicPartition> undecoded_;  // partitions whose records the working thread decodes
  bool paused_ = false;
  bool troubled_ = false;  // the last poll failed
  std::uint64_t orders_done_ = 0;
  std::atomic<std::int64_t> last_trouble_ns_{0};
  std::atomic<std::int64_t> last_turn_ns_{0};
};

}  // namespace weir::runtime
