#include "common/runtime/topic_id_check.hpp"

#include <fmt/format.h>

namespace weir::runtime {

namespace {

std::vector<TopicPartition> of_other_topics(const Holdings& holdings, const TopicIds& ids) {
  std::vector<TopicPartition> others;
  for (const Partition& partition : holdings.all()) {
    const auto id = ids.find(partition.key.topic);
    if (partition.claimed && id != ids.end() && partition.claim.topic_id != id->second) others.push_back(partition.key);
  }
  return others;
}

}  // namespace

void TopicIdCheck::ask(const Holdings& holdings) {
  if (!known_) asked_ = source_.ask_topic_ids(holdings.topics());
}

Result<std::vector<TopicPartition>> TopicIdCheck::answer(const Holdings& holdings) {
  silent_ = true;
  const TopicIds ids = WEIR_TRY(asked_());
  silent_ = false;
  for (const std::string& topic : holdings.topics()) {
    if (ids.contains(topic)) continue;
    return fail(FaultKind::kKafkaUnknownTopic, fmt::format("topic {} does not exist any more", topic),
                "the records read last are not committed; create the topic with `weir topics apply`");
  }
  known_ = true;
  return of_other_topics(holdings, ids);
}

void TopicIdCheck::note(TopicIds ids) {
  const std::lock_guard lock(mutex_);
  noted_ = std::move(ids);
}

std::vector<TopicPartition> TopicIdCheck::noted(const Holdings& holdings) {
  std::optional<TopicIds> ids;
  {
    const std::lock_guard lock(mutex_);
    ids.swap(noted_);
  }
  if (!ids) return {};
  return of_other_topics(holdings, *ids);
}

}  // namespace weir::runtime
