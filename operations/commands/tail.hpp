// The records of a topic that an operator wants to see: where they are in the log, and how each is told. Shared by weir tail and the
// console.
#pragma once

#include "common/events/record_filter.hpp"
#include "common/kafka/log_reader.hpp"
#include "common/postgres/connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::operations {

struct TailWanted {
  std::string topic;
  std::optional<std::int64_t> partition{};
  events::RecordFilter filter{};
  std::optional<std::int64_t> limit{};  // none: all
  bool follow = false;
  bool is_masked = true;
  std::optional<std::int64_t> offset{};  // of one record, which alone is wanted

  [[nodiscard]] bool admits(const kafka::StoredRecord& record) const;
  /// The same by what a masked record shows: who may not see a value cannot find out by a filter which it is.
  [[nodiscard]] bool admits_as_shown(const kafka::StoredRecord& record) const;
};

/// Of the last records of a topic, where none is asked for by number.
inline constexpr std::int64_t kTailed = 10;

/// The parts of the log in which the wanted records are. Fault kUsage: the topic has no such partition.
[[nodiscard]] Result<std::vector<kafka::LogPart>> parts_of(const kafka::Settings& settings, const TailWanted& wanted,
                                                           Milliseconds patience);
/// Keeps the newest of the records that it is handed, and not many more.
class NewestRecords {
 public:
  explicit NewestRecords(std::size_t most) : most_(most) {}
  void add(kafka::StoredRecord record);
  /// By their time; those of one partition in the order of its log where their times are.
  [[nodiscard]] std::vector<kafka::StoredRecord> taken() &&;

 private:
  void keep_most();
  std::size_t most_;
  std::vector<kafka::StoredRecord> records_;
};

/// The last `most` records of all parts together, by their time. The parts have ends. Where a part has fewer records than offsets, since
/// transactions leave marks and compaction leaves holes, records before it are taken too.
[[nodiscard]] Result<std::vector<kafka::StoredRecord>> last_records(const kafka::Settings& settings, const std::string& topic,
                                                                    const std::vector<kafka::LogPart>& parts, std::int64_t most,
                                                                    Milliseconds patience);
/// {"topic":…,"partition":…,"offset":…,"time":…,"masked":…,"headers":[…],"key":…,"value":…}
[[nodiscard]] std::string record_json(const std::string& topic, kafka::StoredRecord record, bool is_masked);

/// Keeps that records were shown unmasked, before they are. The key is personal too: it is only said that there was one.
[[nodiscard]] Result<void> note_unmasked(postgres::Connection& connection, const TailWanted& wanted, const std::string& by,
                                         const std::string& why);

}  // namespace weir::operations
