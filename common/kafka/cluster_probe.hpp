// Asks whether the cluster is there. An error tells when all brokers are gone, but not always, since a client that was told that there are
// no brokers may forget all of them without an error; and nothing tells when a broker answers again. Private to common/kafka and
// common/group.
#pragma once

#include "common/core/waiting.hpp"
#include "common/kafka/rdkafka.hpp"

namespace weir::kafka {

class ClusterProbe {
 public:
  /// `client` must outlive this object.
  explicit ClusterProbe(rd_kafka_t* client) : client_(client) { heard(); }
  /// To be called often while no broker is known to answer: asks once a second, for a third of a second. True: a broker has answered.
  [[nodiscard]] bool answered();
  /// Something has come from a broker just now, or nothing is awaited.
  void heard() { silence_.begin(); }
  /// Nothing has come for so long that a broker should be asked, although no error was told.
  [[nodiscard]] bool is_silent() const { return silence_.over(); }

 private:
  rd_kafka_t* client_;
  Pause between_questions_{Milliseconds{1'000}};
  Pause between_bootstraps_{Milliseconds{10'000}};
  Pause silence_{Milliseconds{10'000}};
};

}  // namespace weir::kafka
