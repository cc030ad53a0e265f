// Which record an operator follows, and where it is found in Kafka.
#pragma once

#include "common/kafka/log_reader.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weir::operations {

/// The place where a trace begins: a trace id; an event's id, with or without its source; a row by its table and key; a place.
struct TraceTarget {
  std::optional<std::string> trace_id;
  std::optional<std::string> event_id;
  std::optional<std::string> event_source;
  std::optional<std::string> row_key;  // a record's key, or the text that the key holds as one of its values

  /// Whether the record is one that is looked for.
  [[nodiscard]] bool matches(const kafka::StoredRecord& record) const;
};

/// The trace id of a record's traceparent (W3C); empty: it has none.
[[nodiscard]] std::string trace_of(const kafka::StoredRecord& record);

struct FoundRecord {
  std::string topic;
  kafka::StoredRecord record;
};

/// The records of `topic` in [from, to) that match, at most `most`.
[[nodiscard]] Result<std::vector<FoundRecord>> search_topic(kafka::Admin& admin, const kafka::Settings& settings, const std::string& topic,
                                                            const TraceTarget& target, Instant from, Instant to, std::size_t most);
/// The record at a place. Fault kData: retention has removed it, it is not there yet, or a transaction's marker stands there.
[[nodiscard]] Result<FoundRecord> record_at(kafka::Admin& admin, const kafka::Settings& settings, const std::string& topic,
                                            std::int32_t partition, std::int64_t offset);

}  // namespace weir::operations
