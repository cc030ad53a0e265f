// The runtime's Source over a Kafka consumer group: read_committed, cooperative rebalance, no offset ever taken from Kafka.
#pragma once

#include "common/kafka/client.hpp"
#include "common/runtime/source.hpp"

#include <memory>

namespace weir::kafka {

struct GroupOptions {
  std::string group;
  std::vector<std::string> topics;
  std::string group_instance;  // static membership where set
  Milliseconds session_timeout{10'000};
  Milliseconds max_poll_interval{300'000};
};

/// Subscribes at once; `listener` must outlive the source. Batches may outlive it: their memory keeps the client.
[[nodiscard]] Result<std::unique_ptr<runtime::Source>> open_group_source(const Settings& settings, const GroupOptions& options,
                                                                         runtime::RebalanceListener& listener);

}  // namespace weir::kafka
