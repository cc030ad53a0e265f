#include "producers/cdc/outbox_relay.hpp"

#include "producers/cdc/outbox.hpp"

#include <algorithm>

namespace weir::cdc {

namespace {

// Rows of one DELETE: few enough that the server's keepalives are answered in time.
constexpr std::size_t kRowsAtOnce = 5'000;

}  // namespace

OutboxRelay::OutboxRelay(RecordSink& sink, postgres::TableName table, RelayIdentity identity, std::vector<OutboxBatch> left)
    : sink_(sink), table_(std::move(table)), identity_(std::move(identity)) {
  for (OutboxBatch& batch : left) {
    next_number_ = std::max(next_number_, batch.number + 1);
    waiting_ += batch.ids.size();
    committed_.push_back(std::move(batch));
  }
}

Result<void> OutboxRelay::publish(const std::vector<OutRecord>& records) {
  WEIR_TRY(sink_.publish(records));
  for (const OutRecord& record : records) {
    if (const auto id = event_id(record); id && is_whole(record)) open_.emplace_back(*id);
  }
  return {};
}

Result<void> OutboxRelay::commit(const StreamPosition& position) {
  auto batches = batches_of(std::exchange(open_, {}), next_number_);
  next_number_ += batches.size();
  std::vector<std::uint64_t> gone;
  {
    const std::lock_guard lock(mutex_);
    gone.swap(gone_);
  }
  for (const std::uint64_t number : gone) WEIR_TRY(sink_.keep(outbox_key(identity_.position_key, number), std::nullopt));
  for (const OutboxBatch& batch : batches) {
    WEIR_TRY(sink_.keep(outbox_key(identity_.position_key, batch.number), outbox_value(identity_.system_identifier, batch)));
  }
  WEIR_TRY(sink_.commit(position));
  // Only now do the events stay in Kafka: if a row were deleted before, its event would be lost with a transaction that is aborted.
  const std::lock_guard lock(mutex_);
  for (OutboxBatch& batch : batches) {
    waiting_ += batch.ids.size();
    committed_.push_back(std::move(batch));
  }
  return {};
}

Result<std::size_t> OutboxRelay::delete_some(SourceCatalog& source) {
  std::vector<OutboxBatch> batches;
  std::vector<std::string> ids;
  {
    const std::lock_guard lock(mutex_);
    while (!committed_.empty() && (ids.empty() || ids.size() + committed_.front().ids.size() <= kRowsAtOnce)) {
      ids.insert(ids.end(), committed_.front().ids.begin(), committed_.front().ids.end());
      batches.push_back(std::move(committed_.front()));
      committed_.pop_front();
    }
  }
  if (batches.empty()) return 0;
  const bool deleted = WEIR_TRY(source.delete_events(table_, ids));
  const std::lock_guard lock(mutex_);
  if (!deleted) {
    // These rows wait behind the others now, so that a locked row does not hold up all later ones.
    for (OutboxBatch& batch : batches) committed_.push_back(std::move(batch));
    return 0;
  }
  for (const OutboxBatch& batch : batches) gone_.push_back(batch.number);
  waiting_ -= ids.size();
  return ids.size();
}

}  // namespace weir::cdc
