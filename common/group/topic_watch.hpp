// Whether the topics of a group are there. librdkafka tells of one that is gone after half a minute, and where the broker shares
// partitions out never: they are just taken away, and the group would wait in silence. Private to common/group.
#pragma once

#include "common/kafka/admin_request.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::group {

class TopicWatch {
 public:
  /// `topics` must be there; `awaited` ones need not, and count as such from when they are.
  TopicWatch(rd_kafka_t* client, std::vector<std::string> topics, std::vector<std::string> awaited)
      : client_(client), topics_(std::move(topics)), awaited_(std::move(awaited)) {}

  /// To be called often; asks now and then and never waits for the answer. The Fault names a topic that two answers running did not know:
  /// one alone may come from a broker that has not heard of it yet.
  [[nodiscard]] std::optional<Fault> look(SteadyInstant now);
  /// Awaited topics that are among these count as topics that must be there.
  void welcome(const std::vector<kafka::TopicState>& found);
  /// The topics that must be there, and the awaited ones that have come.
  [[nodiscard]] const std::vector<std::string>& there() const { return topics_; }

 private:
  [[nodiscard]] std::string missing(const std::vector<kafka::TopicState>& found) const;

  rd_kafka_t* client_;
  std::vector<std::string> topics_;
  std::vector<std::string> awaited_;
  std::shared_ptr<kafka::AdminRequest> asked_;
  SteadyInstant next_{};
  std::string missed_;  // by the last answer
};

}  // namespace weir::group
