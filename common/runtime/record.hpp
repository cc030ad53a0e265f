// A Kafka record as the runtime sees it. Views point into the memory that the batch owns.
#pragma once

#include "common/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::runtime {

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

/// simdjson reads so many bytes past the end of a text.
inline constexpr std::size_t kPadding = 64;

using Header = std::pair<std::string_view, std::string_view>;

struct Record {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;
  Instant timestamp{};  // the record's own: CreateTime or LogAppendTime
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  // none: a tombstone
  std::vector<Header> headers;
  /// The value has a NUL behind it, and kPadding bytes in all that may be read: a parser needs no copy of it.
  bool is_padded = false;

  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const {
    for (const auto& [key_, value_] : headers) {
      if (key_ == name) return value_;
    }
    return std::nullopt;
  }
};

/// The log was read up to `offset` (the last stable offset, past transaction markers): nothing more is there now.
struct EndOfLog {
  TopicPartition partition;
  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;  // of the last record or marker before `offset`; -1: unknown
};

/// Reading a partition stopped after the records that came before: the broker has nothing at the next place, or another log than the one
/// that was read. The next claim finds out which of the two it is.
struct Break {
  TopicPartition partition;
  std::optional<std::int64_t> at;   // where reading stood
  std::optional<std::int64_t> cut;  // where the log that was read ends now, as the broker says for its leader epoch
};

/// One poll's records in the order of each partition. Move-only: owns the memory of its records.
struct RecordBatch {
  std::vector<Record> records;
  std::vector<EndOfLog> ends;
  std::vector<Break> breaks;
  std::shared_ptr<const void> memory;
};

}  // namespace weir::runtime
