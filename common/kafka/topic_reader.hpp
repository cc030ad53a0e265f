// Reads a whole topic once, without a group, and the parts that readers without a group share. Private to common/kafka.
#pragma once

#include "common/kafka/admin.hpp"
#include "common/kafka/admin_request.hpp"

#include <functional>
#include <string>
#include <vector>

namespace weir::kafka {

/// Reads every record of each partition within its range, read_committed. `patience` is how long no record may come before this gives up.
[[nodiscard]] Result<void> read_to_end(const Settings& settings, const std::string& topic, const std::vector<PartitionRange>& ranges,
                                       const std::function<void(StoredRecord)>& each, Milliseconds patience);

/// A record of its own bytes.
[[nodiscard]] StoredRecord stored_record(const rd_kafka_message_t& message);
/// A consumer that reads the partitions of `list` from their offsets.
[[nodiscard]] Result<ClientPtr> open_reader_of(const Settings& settings, const PartitionListPtr& list, const std::string& topic);

}  // namespace weir::kafka
