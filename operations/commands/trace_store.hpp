// How groups have ended a record, as far as Postgres knows: their positions and marks, and its letters.
#pragma once

#include "common/postgres/connection.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weir::operations {

struct RecordPlace {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

struct TracedLetter {
  std::int64_t id = 0;
  std::string status;
  std::string kind;
  std::string reason;
  std::string path;
  std::string resolved_as;
  Instant kept_at{};
  std::optional<Instant> resolved_at;
};

/// How the record ended in a group that reads its topic.
struct GroupTrace {
  std::string group;
  bool passed = false;  // its position is behind the record
  bool paused = false;  // by an operator
  std::optional<TracedLetter> letter;
  std::optional<Instant> after;   // the position was not behind the record yet at this time, as a mark tells
  std::optional<Instant> before;  // it was behind it at this time
};
[[nodiscard]] Result<std::vector<GroupTrace>> group_traces(postgres::Connection& connection, const RecordPlace& place);

/// The places of letters with this trace id, also where the log has lost their records.
[[nodiscard]] Result<std::vector<RecordPlace>> letters_of_trace(postgres::Connection& connection, const std::string& trace_id);

/// The topics that groups read.
[[nodiscard]] Result<std::vector<std::string>> read_topics(postgres::Connection& connection);

/// The values of a key that is a JSON object, by column. Fault kUsage: it is none.
[[nodiscard]] Result<std::map<std::string, std::string, std::less<>>> columns_of(postgres::Connection& connection, const std::string& key);

}  // namespace weir::operations
