// Which of two changes of one row is the later, by where they stand in their sources.
#pragma once

#include "common/core/log_place.hpp"

#include <string>

namespace weir::rollups {

struct SourceOrder {
  std::string name;  // source.name; "": not known, and taken for that of the other
  std::string db;    // source.db
  LogPlace place;
  std::optional<Instant> recorded_at;  // source.ts_ms
  friend bool operator==(const SourceOrder&, const SourceOrder&) = default;
};

/// Whether `a` is the later of two changes of one row. Places in the logs of two sources say nothing of each other, and those of a source
/// that was rebuilt begin anew: there the time of the record decides.
[[nodiscard]] bool is_later(const SourceOrder& a, const SourceOrder& b);

}  // namespace weir::rollups
