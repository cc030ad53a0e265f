// Asks whether the cluster is back. An error tells when all brokers are gone, but nothing tells when one answers again. Private to
// common/kafka and common/group.
#pragma once

#include "common/core/waiting.hpp"
#include "common/kafka/rdkafka.hpp"

namespace weir::kafka {

class ClusterProbe {
 public:
  /// `client` must outlive this object.
  explicit ClusterProbe(rd_kafka_t* client) : client_(client) {}
  /// To be called often while no broker is known to answer: asks once a second, for a third of a second. True: a broker has answered.
  [[nodiscard]] bool answered();

 private:
  rd_kafka_t* client_;
  Pause between_questions_{Milliseconds{1'000}};
  Pause between_bootstraps_{Milliseconds{10'000}};
};

}  // namespace weir::kafka
