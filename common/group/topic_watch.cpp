#include "common/group/topic_watch.hpp"

#include <algorithm>

namespace weir::group {

namespace {

constexpr Milliseconds kPatience{10'000};

bool is_among(const std::vector<kafka::TopicState>& found, const std::string& name) {
  return std::any_of(found.begin(), found.end(), [&name](const kafka::TopicState& topic) { return topic.name == name; });
}

}  // namespace

std::optional<Fault> TopicWatch::look() {
  if (!asked_) {
    if (!between_questions_.over()) return std::nullopt;
    between_questions_.begin();
    std::vector<std::string> names = topics_;
    names.insert(names.end(), awaited_.begin(), awaited_.end());
    asked_ = kafka::ask_to_describe(client_, names, kPatience);
    return std::nullopt;
  }
  if (rd_kafka_queue_length(asked_->queue()) == 0) return std::nullopt;
  const auto found = kafka::described_topics(*std::exchange(asked_, nullptr));
  if (!found) return std::nullopt;  // no broker answers, which other code reports and which says nothing about topics
  welcome(*found);
  const std::string name = missing(*found);
  if (!name.empty() && name == missed_) return kafka::fault_of(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "topic " + name);
  missed_ = name;
  return std::nullopt;
}

std::string TopicWatch::missing(const std::vector<kafka::TopicState>& found) const {
  const auto lost = std::find_if(topics_.begin(), topics_.end(), [&found](const std::string& name) { return !is_among(found, name); });
  return lost == topics_.end() ? std::string() : *lost;
}

void TopicWatch::welcome(const std::vector<kafka::TopicState>& found) {
  const auto come =
      std::stable_partition(awaited_.begin(), awaited_.end(), [&found](const std::string& name) { return !is_among(found, name); });
  topics_.insert(topics_.end(), come, awaited_.end());
  awaited_.erase(come, awaited_.end());
}

}  // namespace weir::group
