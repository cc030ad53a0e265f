// Checks that records come from the topics that the positions belong to. A client of Kafka does not tell: where a topic was deleted and
// made again, librdkafka goes on reading at the same offset and says nothing. But a topic that is deleted loses its id for ever. So where
// the id, asked for after the records of a unit were read, is still the same, they came from the topic that their positions belong to.
#pragma once

#include "common/runtime/holdings.hpp"
#include "common/runtime/source.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace weir::runtime {

class TopicIdCheck {
 public:
  explicit TopicIdCheck(Source& source) : source_(source) {}

  /// Whether this client reads the topic under this id; the first id that it is asked about counts. A client keeps the leader epoch of each
  /// topic that it has read. It would wait for ever until a topic that was made again reaches that epoch, so only a new client can read
  /// such a topic.
  [[nodiscard]] bool reads(const std::string& topic, const Uuid& id) { return read_.try_emplace(topic, id).first->second == id; }

  /// Says that other records are in hand now, for which an earlier answer proves nothing.
  void forget() { known_ = false; }
  /// Asks for the ids without waiting, unless they are known.
  void ask(const Holdings& holdings);
  [[nodiscard]] bool known() const { return known_; }
  /// The last question had no answer.
  [[nodiscard]] bool silent() const { return silent_; }
  /// Waits for the ids that were asked for, and returns the partitions whose records came from other topics. Returns a fault where a topic
  /// does not exist any more.
  [[nodiscard]] Result<std::vector<TopicPartition>> answer(const Holdings& holdings);

  /// Takes note of the ids that topics have now; callable from any thread.
  void note(TopicIds ids);
  /// The claimed partitions whose topic is another one by the last note. Only this finds an idle partition whose topic was made again,
  /// because it commits nothing.
  [[nodiscard]] std::vector<TopicPartition> noted(const Holdings& holdings);

 private:
  Source& source_;
  TopicIds read_;  // the id under which this client reads each topic
  std::function<Result<TopicIds>()> asked_;
  bool known_ = false;
  bool silent_ = false;
  std::mutex mutex_;
  std::optional<TopicIds> noted_;
};

}  // namespace weir::runtime
