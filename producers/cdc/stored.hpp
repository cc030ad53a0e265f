// Everything that one stream of weir cdc keeps in the topic of positions: how far it is published (stream_position.hpp), what was chosen to
// be left out (skips.hpp), and which tables the last snapshot held (published.hpp). Of each key the last record counts; one without a value
// takes it back.
#pragma once

#include "common/kafka/admin.hpp"
#include "producers/cdc/published.hpp"
#include "producers/cdc/skips.hpp"
#include "producers/cdc/stream_position.hpp"

#include <map>

namespace weir::cdc {

struct Stored {
  std::optional<StreamPosition> position;  // none: none was ever stored
  Skips skips;
  std::optional<std::vector<PublishedTable>> snapshotted;  // none: stored by a weir that did not tell
};

/// The records of the stream with this position key; those of others are passed over. Pure.
class StoredRecords {
 public:
  explicit StoredRecords(std::string position_key) : position_key_(std::move(position_key)) {}
  void take(const std::optional<std::string>& key, const std::optional<std::string>& value);
  /// Skips and tables that are of another server are left out; its position is not, since that is for the start to decide.
  [[nodiscard]] Result<Stored> read(std::string_view system_identifier) const;

 private:
  std::string position_key_;
  std::map<std::string, std::string, std::less<>> last_;
};

/// Reads the topic to its end.
[[nodiscard]] Result<Stored> read_stored(kafka::Admin& admin, const std::string& topic, const std::string& position_key,
                                         std::string_view system_identifier);

}  // namespace weir::cdc
