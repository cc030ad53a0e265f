#include "producers/cdc/stored.hpp"

#include <algorithm>

namespace weir::cdc {

namespace {

// Shorter than the minute after which a process without progress counts as dead.
constexpr Milliseconds kPatience{45'000};

}  // namespace

void StoredRecords::take(const std::optional<std::string>& key, const std::optional<std::string>& value) {
  if (!key || !key->starts_with(key_beginning(position_key_))) return;
  if (value) {
    last_.insert_or_assign(*key, *value);
  } else {
    last_.erase(*key);
  }
}

Result<Stored> StoredRecords::read(std::string_view system_identifier) const {
  Stored stored;
  const std::string tables_key = snapshotted_key(position_key_);
  for (const auto& [key, value] : last_) {
    if (key == position_key_) {
      stored.position = WEIR_TRY(parse_position(value));
    } else if (key == tables_key) {
      stored.snapshotted = WEIR_TRY(parse_snapshotted(value, system_identifier));
    } else if (is_skip_key(position_key_, key)) {
      Skip skip = WEIR_TRY(parse_skip(key, value));
      if (skip.system_identifier == system_identifier) stored.skips.add(std::move(skip));
    } else if (is_outbox_key(position_key_, key)) {
      if (auto batch = WEIR_TRY(parse_outbox_batch(key, value, system_identifier))) stored.outbox.push_back(*std::move(batch));
    }
  }
  std::ranges::sort(stored.outbox, {}, &OutboxBatch::number);
  return stored;
}

Result<Stored> read_stored(kafka::Admin& admin, const std::string& topic, const std::string& position_key,
                           std::string_view system_identifier) {
  StoredRecords records(position_key);
  WEIR_TRY(admin.read_topic(
      topic, [&](const kafka::StoredRecord& record) { records.take(record.key, record.value); }, kPatience));
  return records.read(system_identifier);
}

}  // namespace weir::cdc
