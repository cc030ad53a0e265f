// The outbox between a capture and its sink. The relay notes which rows of the outbox go out, and has them deleted once their events stay:
// a row goes only after the Kafka transaction that holds its event, with a position at or past the row's insertion, is committed.
#pragma once

#include "producers/cdc/outbox_batch.hpp"
#include "producers/cdc/ports.hpp"

#include <atomic>
#include <deque>
#include <mutex>

namespace weir::cdc {

/// The stream whose rows these are.
struct RelayIdentity {
  std::string position_key;
  std::string system_identifier;
};

/// The capture's thread uses it as its sink; the thread that reads the source's log deletes. Of a record of another table nothing but the
/// first header is looked at.
class OutboxRelay final : public RecordSink {
 public:
  /// `left` are the batches that a former capture committed and did not see deleted.
  OutboxRelay(RecordSink& sink, postgres::TableName table, RelayIdentity identity, std::vector<OutboxBatch> left);

  Result<void> publish(const std::vector<OutRecord>& records) override;
  Result<void> keep(std::string_view key, std::optional<std::string_view> value) override { return sink_.keep(key, value); }
  Result<void> commit(const StreamPosition& position) override;
  [[nodiscard]] std::size_t open_records() const override { return sink_.open_records(); }
  [[nodiscard]] Result<void> healthy() const override { return sink_.healthy(); }
  [[nodiscard]] bool record_refused() const override { return sink_.record_refused(); }
  [[nodiscard]] bool got_past() const override { return sink_.got_past(); }

  /// How many rows wait for their deletion. Any thread.
  [[nodiscard]] std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  /// Deletes rows, a few thousand at most, and says how many of the waiting ones are gone by now. Rows that somebody has locked stay for
  /// another call. Called from the thread that `source` belongs to.
  [[nodiscard]] Result<std::size_t> delete_some(SourceCatalog& source);

 private:
  RecordSink& sink_;
  postgres::TableName table_;
  RelayIdentity identity_;
  std::vector<std::string> open_;  // ids of events since the last commit; the capture's thread
  std::uint64_t next_number_ = 1;
  std::mutex mutex_;
  std::deque<OutboxBatch> committed_;  // to be deleted
  std::vector<std::uint64_t> gone_;    // numbers of batches that are deleted, but still in the topic of positions
  std::atomic<std::size_t> waiting_{0};
};

}  // namespace weir::cdc
