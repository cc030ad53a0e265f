// Deaths that an operator accepts in advance: records of a topic that may become dead letters of a group for one reason, as many as there
// are, below an offset. The group obeys them when it claims the topic's partitions, at the latest at its next start.
#pragma once

#include "common/postgres/connection.hpp"

#include <cstdint>
#include <string>

namespace weir::operations {

struct AcceptedDeaths {
  std::string group;
  std::string topic;
  std::string reason;      // of the dead letters
  std::string path;        // likewise; "" where they have none
  std::int64_t until = 0;  // in each partition: below this offset
};

/// Keeps it with who and why. Gives how many records at most are still to come below the offset. Fault kData where the group has no
/// position in the topic, kUsage where every position is beyond the offset.
[[nodiscard]] Result<std::int64_t> accept_deaths(postgres::Connection& connection, const AcceptedDeaths& deaths, const std::string& by,
                                                 const std::string& why);

}  // namespace weir::operations
