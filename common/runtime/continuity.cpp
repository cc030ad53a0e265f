// Whether what is read still is the log that the positions belong to. A client of Kafka tells little of it: librdkafka goes on in a topic
// that was deleted and made again, at the same offset, and says nothing; where the broker has nothing at the next offset, it only stops.
#include "common/runtime/worker.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::runtime {

/// What came before it is in order and is committed first; then the claim is made again, and finds out what is the matter.
void Worker::admit_break(const Break& broken, std::uint64_t orders_done) {
  const auto found = partitions_.find(broken.partition);
  if (found == partitions_.end() || !found->second.claimed || orders_done < found->second.order) return;
  found->second.broken = broken;
  any_broken_ = true;
}

/// Reading also stops before a change whose key has another form than the partition knows of its source: by what was taken here nobody
/// could tell whether such a change was sent before. The next claim asks whether the form may come, or is a gap.
bool Worker::break_at_new_form(Partition& partition, const Incoming& incoming) {
  const auto& change = incoming.event.decoded.change;
  if (!change || partition.tentative.sources.knows_form(*change)) return false;
  const Position& read = partition.tentative;
  partition.broken = Break{partition.claim.partition, std::nullopt, std::nullopt};
  partition.new_form = SourceKeyForm{change->source_name, change->source_db, *change->key_form};
  partition.order = around_.mailbox.order({partition.claim.partition, read.next_offset, read.leader_epoch, true, 0, true});
  any_broken_ = true;
  return true;
}

void Worker::claim_broken() {
  any_broken_ = false;
  for (auto& [key, partition] : partitions_) {
    if (partition.broken) partition.claimed = false;
  }
  publish_progress();
}

std::vector<TopicPartition> Worker::of_other_topics(const TopicIds& ids) const {
  std::vector<TopicPartition> strange;
  for (const auto& [key, partition] : partitions_) {
    const auto id = ids.find(key.topic);
    if (partition.claimed && id != ids.end() && partition.claim.topic_id != id->second) strange.push_back(key);
  }
  return strange;
}

void Worker::note_topics(TopicIds ids) {
  const std::lock_guard lock(published_mutex_);
  noted_topics_ = std::move(ids);
}

/// An idle partition commits nothing, so nothing else would tell that its topic is another one.
void Worker::heed_noted_topics() {
  std::optional<TopicIds> ids;
  {
    const std::lock_guard lock(published_mutex_);
    ids.swap(noted_topics_);
  }
  if (!ids) return;
  for (const TopicPartition& key : of_other_topics(*ids)) lose(key, "topic_recreated");
}

void Worker::ask_topic_ids() {
  std::vector<std::string> topics;
  for (const auto& [key, partition] : partitions_) {
    if (partition.claimed && (topics.empty() || topics.back() != key.topic)) topics.push_back(key.topic);
  }
  topic_ids_asked_ = around_.source.ask_topic_ids(topics);
}

/// Whether the records of the unit came from the topics that the positions belong to. A topic that is deleted loses its id for ever, so the
/// same id, asked for after the records were read, proves it. False: some did not; their partitions are claimed again, and held.
Result<bool> Worker::topic_ids_stand() {
  if (topic_ids_known_) return true;
  topic_ids_silent_ = true;
  const TopicIds ids = WEIR_TRY(topic_ids_asked_());
  topic_ids_silent_ = false;
  for (const auto& [key, partition] : partitions_) {
    if (!partition.claimed || ids.contains(key.topic)) continue;
    return fail(FaultKind::kKafkaUnknownTopic, fmt::format("topic {} does not exist any more", key.topic),
                "what was read last is not committed; create it with `weir topics apply`");
  }
  around_.health.ready(own(kKafkaTopics));
  topic_ids_known_ = true;
  const std::vector<TopicPartition> strange = of_other_topics(ids);
  if (strange.empty()) return true;
  around_.ledger.rollback();
  for (const TopicPartition& key : strange) lose(key, "topic_recreated");
  return false;
}

}  // namespace weir::runtime
