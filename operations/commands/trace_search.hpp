// Which record an operator follows, and where it is found in Kafka.
#pragma once

#include "common/kafka/log_reader.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::operations {

/// The record where a trace begins: by its trace id; by its event's id, with or without its source; by its key; by the place of its change
/// in the log of its source database.
struct TraceTarget {
  std::optional<std::string> trace_id;
  std::optional<std::string> event_id;
  std::optional<std::string> event_source;
  std::optional<std::string> row_key;  // a record's key, or the text that the key holds as one of its values
  std::optional<std::uint64_t> lsn;    // of a change

  /// Whether the record is one that is looked for.
  [[nodiscard]] bool matches(const kafka::StoredRecord& record) const;
};

/// "1/A7966D10", as Postgres writes it. None: it is no such place.
[[nodiscard]] std::optional<std::uint64_t> lsn_of(std::string_view text);

/// Whether the record is a change that leaves a row with these values in these columns.
[[nodiscard]] bool leaves_row(const kafka::StoredRecord& record, const std::map<std::string, std::string, std::less<>>& columns);

/// The trace id of 32 hexadecimal digits, also of a whole traceparent, in lower case. None: it is neither.
[[nodiscard]] std::optional<std::string> trace_id_of(std::string_view text);
/// The trace id of a record's traceparent (W3C); empty: it has none.
[[nodiscard]] std::string trace_of(const kafka::StoredRecord& record);

struct FoundRecord {
  std::string topic;
  kafka::StoredRecord record;
};

using Chooses = std::function<bool(const kafka::StoredRecord&)>;

/// The records of `topic` in [from, to) that are chosen, at most `most`.
[[nodiscard]] Result<std::vector<FoundRecord>> search_topic(kafka::Admin& admin, const kafka::Settings& settings, const std::string& topic,
                                                            const Chooses& chooses, Instant from, Instant to, std::size_t most);
/// The record at a place. Fault kData: retention has removed it, it is not there yet, or a transaction's marker stands there.
[[nodiscard]] Result<FoundRecord> record_at(kafka::Admin& admin, const kafka::Settings& settings, const std::string& topic,
                                            std::int32_t partition, std::int64_t offset);
/// The records at these places of a topic, as far as the log has them. Each partition is read once, from the first place to the last.
[[nodiscard]] Result<std::vector<FoundRecord>> records_at(kafka::Admin& admin, const kafka::Settings& settings, const std::string& topic,
                                                          const std::set<std::pair<std::int32_t, std::int64_t>>& places);

}  // namespace weir::operations
