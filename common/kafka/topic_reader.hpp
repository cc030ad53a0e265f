// Reads a whole topic once, without a group. Private to common/kafka.
#pragma once

#include "common/kafka/admin.hpp"

#include <functional>
#include <string>
#include <vector>

namespace weir::kafka {

/// Reads every record of each partition within its range, read_committed. `patience` is how long no record may come before this gives up.
[[nodiscard]] Result<void> read_to_end(const Settings& settings, const std::string& topic, const std::vector<PartitionRange>& ranges,
                                       const std::function<void(StoredRecord)>& each, Milliseconds patience);

}  // namespace weir::kafka
