// Tells which of two changes of one row is the later, by their places in their sources.
#pragma once

#include "common/core/log_place.hpp"

#include <string>

namespace weir::rollups {

struct SourceOrder {
  std::string name;  // source.name; "": not known, and assumed to be that of the other change
  std::string db;    // source.db
  LogPlace place;
  std::optional<Instant> recorded_at;  // source.ts_ms
  friend bool operator==(const SourceOrder&, const SourceOrder&) = default;
};

/// Whether `a` is the later of two changes of one row. Places in the logs of two sources cannot be compared, and places in a rebuilt source
/// begin anew. In both cases the time of the record decides.
[[nodiscard]] bool is_later(const SourceOrder& a, const SourceOrder& b);

}  // namespace weir::rollups
