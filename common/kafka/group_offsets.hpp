// The offsets that Kafka keeps for a group. weir reads none of them: they are for lag tools, and members commit them after the fact. A
// command that moves a group whose members are away commits them in their place.
#pragma once

#include "common/kafka/client.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weir::kafka {

struct GroupOffset {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

/// False: the group has members, and only they may commit.
[[nodiscard]] Result<bool> commit_group_offsets(const Settings& settings, const std::string& group,
                                                const std::vector<GroupOffset>& offsets);

/// The offsets that a group has committed for the first `partitions` of a topic; -1 where it has committed none.
[[nodiscard]] Result<std::vector<GroupOffset>> committed_offsets(const Settings& settings, const std::string& group,
                                                                 const std::string& topic, std::int32_t partitions);

}  // namespace weir::kafka
