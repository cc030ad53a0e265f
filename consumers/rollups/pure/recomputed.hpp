// Ranges of windows that were computed anew from snapshots of their sources, and which changes those snapshots hold already.
#pragma once

#include "consumers/rollups/pure/range.hpp"
#include "consumers/rollups/pure/source_snapshot.hpp"
#include "consumers/rollups/pure/window.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weir::rollups {

/// Where a change comes from.
struct ChangeOrigin {
  std::string_view source_name;
  std::string_view source_db;
  std::uint64_t lsn = 0;          // of the change itself
  std::uint32_t transaction = 0;  // 0: not told
};

/// Whether a snapshot holds a change.
enum class Holding : std::uint8_t { kNo, kYes, kUnknown };

/// One organization's windows, as one source had their executions in a snapshot.
struct RecomputedRange {
  OrganizationId organization;
  Range windows;
  std::string source_name;
  std::string source_db;
  SourceSnapshot snapshot;
  std::uint64_t wal_position = 0;  // where the source's log ended right after the snapshot was taken

  [[nodiscard]] bool covers(const WindowKey& window) const { return window.organization == organization && windows.contains(window.start); }
  /// Whether the snapshot holds a change of this source. A change that lies behind the end of the log is never in it.
  [[nodiscard]] Holding holds(const ChangeOrigin& change) const;
};

/// All ranges that may still meet a change which their snapshots hold.
class Recomputed {
 public:
  void add(RecomputedRange range);
  [[nodiscard]] bool covers(const WindowKey& window) const;
  /// Whether the window holds its side of a change already.
  [[nodiscard]] Holding holds(const WindowKey& window, const ChangeOrigin& change) const;

 private:
  std::unordered_map<OrganizationId, std::vector<RecomputedRange>> ranges_;
};

}  // namespace weir::rollups
