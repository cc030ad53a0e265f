// The places that an operator paused: whole groups, topics of a group, partitions. They are kept in weir.group_pauses, which running
// instances ask every second.
#pragma once

#include "common/postgres/connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::operations {

/// Without a topic the whole group, without a partition the whole topic.
struct PausedPlace {
  std::string group;
  std::optional<std::string> topic;
  std::optional<std::int32_t> partition;

  /// "weir.rollups in weir.actions.v1 partition 3".
  [[nodiscard]] std::string text() const;
};

struct PauseRow {
  PausedPlace place;
  Instant since{};
  std::string by;
  std::string why;

  [[nodiscard]] bool covers(const std::string& group, const std::string& topic, std::int32_t partition) const;
};
[[nodiscard]] Result<std::vector<PauseRow>> pauses(postgres::Connection& connection);

/// What pause() and resume() would give now: a number, or the fault.
[[nodiscard]] Result<std::int64_t> would_pause(postgres::Connection& connection, const PausedPlace& place);
[[nodiscard]] Result<std::int64_t> would_resume(postgres::Connection& connection, const PausedPlace& place);

/// Gives the number of partitions that the group has there. Fault kData: the group has no position there, or the place is paused already.
[[nodiscard]] Result<std::int64_t> pause(postgres::Connection& connection, const PausedPlace& place, const std::string& by,
                                         const std::string& why);
/// Ends the pause of the place, and the pauses of places within it. Gives the number of pauses that were ended. Fault kData: there is none,
/// or a wider pause holds the place, which then is named.
[[nodiscard]] Result<std::int64_t> resume(postgres::Connection& connection, const PausedPlace& place, const std::string& by,
                                          const std::string& why);

}  // namespace weir::operations
