// Everything that one stream of weir cdc keeps in the topic of positions: how far it is published (stream_position.hpp), which changes are
// left out by choice (skips.hpp), which tables the last snapshot held (published.hpp), and which rows of the outbox are still to be deleted
// (outbox_batch.hpp). The last record of each key counts; a record without a value takes back the one before.
#pragma once

#include "common/kafka/admin.hpp"
#include "producers/cdc/outbox_batch.hpp"
#include "producers/cdc/published.hpp"
#include "producers/cdc/skips.hpp"
#include "producers/cdc/stream_position.hpp"

#include <map>

namespace weir::cdc {

struct Stored {
  std::optional<StreamPosition> position;  // none: none was ever stored
  Skips skips;
  std::optional<std::vector<PublishedTable>> snapshotted;  // none: an older weir stored it, which did not keep these tables
  std::vector<OutboxBatch> outbox;                         // in the order of their numbers
};

/// Collects the records of the stream with this position key; records of other streams are ignored. Pure.
class StoredRecords {
 public:
  explicit StoredRecords(std::string position_key) : position_key_(std::move(position_key)) {}
  void take(const std::optional<std::string>& key, const std::optional<std::string>& value);
  /// Skips, tables and ids of another server are left out. A position of another server is not, because the start decides about it.
  [[nodiscard]] Result<Stored> read(std::string_view system_identifier) const;

 private:
  std::string position_key_;
  std::map<std::string, std::string, std::less<>> last_;
};

/// Reads the topic to its end.
[[nodiscard]] Result<Stored> read_stored(kafka::Admin& admin, const std::string& topic, const std::string& position_key,
                                         std::string_view system_identifier);

}  // namespace weir::cdc
