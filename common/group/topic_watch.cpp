#include "common/group/topic_watch.hpp"

#include <algorithm>

namespace weir::group {

namespace {

constexpr Milliseconds kEvery{2'000};
constexpr Milliseconds kPatience{10'000};

}  // namespace

std::optional<Fault> TopicWatch::look(SteadyInstant now) {
  if (!asked_) {
    if (now < next_) return std::nullopt;
    next_ = now + kEvery;
    asked_ = kafka::ask_to_describe(client_, topics_, kPatience);
    return std::nullopt;
  }
  if (rd_kafka_queue_length(asked_->queue()) == 0) return std::nullopt;
  const auto found = kafka::described_topics(*std::exchange(asked_, nullptr));
  if (!found) return std::nullopt;  // that brokers are away is told elsewhere, and says nothing about topics
  const std::string name = missing(*found);
  if (!name.empty() && name == missed_) return kafka::fault_of(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "topic " + name);
  missed_ = name;
  return std::nullopt;
}

std::string TopicWatch::missing(const std::vector<kafka::TopicState>& found) const {
  for (const std::string& name : topics_) {
    const auto has_name = [&name](const kafka::TopicState& topic) { return topic.name == name; };
    if (std::none_of(found.begin(), found.end(), has_name)) return name;
  }
  return {};
}

}  // namespace weir::group
