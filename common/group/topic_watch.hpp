// Watches whether the topics of a group exist. librdkafka tells of a deleted topic only after half a minute. Where the broker shares the
// partitions out, librdkafka never tells: the partitions are just taken away, and the group would wait in silence. Private to common/group.
#pragma once

#include "common/core/waiting.hpp"
#include "common/kafka/admin_request.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::group {

class TopicWatch {
 public:
  /// `topics` must exist. `awaited` topics need not, but from when they exist they must go on existing.
  TopicWatch(rd_kafka_t* client, std::vector<std::string> topics, std::vector<std::string> awaited)
      : client_(client), topics_(std::move(topics)), awaited_(std::move(awaited)) {}

  /// To be called often; asks now and then, and never waits for the answer. The fault names a topic that two answers in a row did not know:
  /// a single answer may come from a broker that has not heard of the topic yet.
  [[nodiscard]] std::optional<Fault> look();
  /// From now on the awaited topics that are among `found` must go on existing.
  void welcome(const std::vector<kafka::TopicState>& found);
  /// The topics that must exist, with the awaited ones that have come.
  [[nodiscard]] const std::vector<std::string>& there() const { return topics_; }

 private:
  [[nodiscard]] std::string missing(const std::vector<kafka::TopicState>& found) const;

  rd_kafka_t* client_;
  std::vector<std::string> topics_;
  std::vector<std::string> awaited_;
  std::shared_ptr<kafka::AdminRequest> asked_;
  Pause between_questions_{Milliseconds{2'000}};
  std::string missed_;  // the topic that the last answer did not know
};

}  // namespace weir::group
