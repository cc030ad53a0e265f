// The runtime's Source over a Kafka consumer group: read_committed, cooperative rebalance, no offset ever taken from Kafka.
#pragma once

#include "common/kafka/client.hpp"
#include "common/runtime/source.hpp"

#include <memory>

namespace weir::group {

/// Who decides which member reads which partition. The guarantees and callbacks of both are the same, and neither takes positions from the
/// group.
enum class GroupProtocol : std::uint8_t {
  kClassic,   // the members; each says by itself how soon it counts as dead
  kConsumer,  // the broker (KIP-848, Kafka 4.0 or newer): it also holds the session timeout, for the group; see configure_group
};

struct GroupOptions {
  std::string group;
  std::vector<std::string> topics;
  std::vector<std::string> notices;  // topics that need not exist yet, and are read as soon as they do
  std::string group_instance;        // static membership where set
  Milliseconds session_timeout{};    // by a row of configuration, and so without a default here
  Milliseconds max_poll_interval{300'000};
  GroupProtocol protocol = GroupProtocol::kClassic;
};

/// To be called before the source is opened. Gives the group its session timeout where the broker holds it, and does nothing where the
/// members hold it. Fault kConfiguration where the broker does not allow so short a timeout.
[[nodiscard]] Result<void> configure_group(const kafka::Settings& settings, const GroupOptions& options);

/// Subscribes at once. `listener` must outlive the source. Batches may outlive the source, because their memory keeps the client alive.
[[nodiscard]] Result<std::unique_ptr<runtime::Source>> open_group_source(const kafka::Settings& settings, const GroupOptions& options,
                                                                         runtime::RebalanceListener& listener);

}  // namespace weir::group
