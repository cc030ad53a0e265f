// How a component's rules judge a record by itself, without the database: asked again by `weir trace`, because the reason of a record that
// was skipped is only counted.
#pragma once

#include "common/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::process {

struct RecordToExplain {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  Instant timestamp{};
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct Explanation {
  std::string verdict;                   // taken: the consumer decides with its rows; skipped; dead
  std::string reason{};                  // of a record that is skipped or dead
  std::string path{};                    // where in the record, as a JSON Pointer
  std::string message{};                 // for a person
  std::optional<Instant> event_time{};   // when it happened, as the event says
  std::optional<Instant> recorded_at{};  // when its source recorded it
};

}  // namespace weir::process
