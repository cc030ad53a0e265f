// Ownership of librdkafka's objects, and how a client is made from Settings. Private to common/kafka and common/group.
#pragma once

#include "common/core/result.hpp"
#include "common/core/uuid.hpp"
#include "common/kafka/client.hpp"

#include <librdkafka/rdkafka.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace weir::kafka {

template <auto destroy>
struct Destroy {
  template <class T>
  void operator()(T* object) const {
    destroy(object);
  }
};

using ClientPtr = std::unique_ptr<rd_kafka_t, Destroy<&rd_kafka_destroy>>;
using ConfPtr = std::unique_ptr<rd_kafka_conf_t, Destroy<&rd_kafka_conf_destroy>>;
using QueuePtr = std::unique_ptr<rd_kafka_queue_t, Destroy<&rd_kafka_queue_destroy>>;
using EventPtr = std::unique_ptr<rd_kafka_event_t, Destroy<&rd_kafka_event_destroy>>;
using ErrorPtr = std::unique_ptr<rd_kafka_error_t, Destroy<&rd_kafka_error_destroy>>;
using TopicPtr = std::unique_ptr<rd_kafka_topic_t, Destroy<&rd_kafka_topic_destroy>>;
using MessagePtr = std::unique_ptr<rd_kafka_message_t, Destroy<&rd_kafka_message_destroy>>;
using HeadersPtr = std::unique_ptr<rd_kafka_headers_t, Destroy<&rd_kafka_headers_destroy>>;
// rd_kafka_destroy() waits for ever while one of these is leaked, so none is ever held raw.
using PartitionListPtr = std::unique_ptr<rd_kafka_topic_partition_list_t, Destroy<&rd_kafka_topic_partition_list_destroy>>;
using AdminOptionsPtr = std::unique_ptr<rd_kafka_AdminOptions_t, Destroy<&rd_kafka_AdminOptions_destroy>>;
using MetadataPtr = std::unique_ptr<const rd_kafka_metadata_t, Destroy<&rd_kafka_metadata_destroy>>;

/// A property that weir sets itself. `guarantee`: the user may not set it to anything else.
struct Property {
  std::string name;
  std::string value;
  bool guarantee = false;
};

/// How long a request may wait on a silent connection before the client opens another.
inline constexpr Milliseconds kSocketTimeout{30'000};

/// Sets weir's properties, and over them the user's. Fault kConfiguration for a value that librdkafka refuses, and for a user's property
/// where weir's carries a guarantee.
[[nodiscard]] Result<ConfPtr> make_conf(const Settings& settings, std::span<const Property> properties);
/// Takes ownership of `conf`.
[[nodiscard]] Result<ClientPtr> make_client(rd_kafka_type_t type, ConfPtr conf);

/// Gives the client its bootstrap servers again, because a client to which nobody answers may know no broker at all. A broker that the
/// controller has set aside, after a freeze for example, answers for a moment that the cluster has no brokers, and librdkafka then forgets
/// all of them. It should go back to the bootstrap servers by itself, but where it handles that same answer after its last connection has
/// ended, it takes this plan back, and never makes another. Each call makes a client's list of servers a little longer, so this belongs
/// behind a failed question and not into a tight loop.
void bootstrap_again(rd_kafka_t* client);

[[nodiscard]] Uuid to_uuid(const rd_kafka_Uuid_t* id);
[[nodiscard]] int to_ms(Milliseconds patience);

}  // namespace weir::kafka
