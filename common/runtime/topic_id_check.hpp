// Whether what is read still is the log that the positions belong to. A client of Kafka tells little of it: librdkafka goes on in a topic
// that was deleted and made again, at the same offset, and says nothing. A topic that is deleted loses its id for ever, so the same id,
// asked for after the records of a unit were read, proves that they came from the topic that their positions belong to.
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

  /// Whether the client reads the topic under this id, now or from now on. It keeps the leader epoch of a topic that it has read, and would
  /// wait for ever for one that was made again to reach it: only another client reads that.
  [[nodiscard]] bool reads(const std::string& topic, const Uuid& id) { return read_.try_emplace(topic, id).first->second == id; }

  /// The records in hand are others: what was asked before proves nothing for them.
  void forget() { known_ = false; }
  /// Asks without waiting, unless it is known.
  void ask(const Holdings& holdings);
  [[nodiscard]] bool known() const { return known_; }
  /// The last question had no answer.
  [[nodiscard]] bool silent() const { return silent_; }
  /// Waits for what was asked for: the partitions whose records came from other topics. A fault where a topic is not there any more.
  [[nodiscard]] Result<std::vector<TopicPartition>> answer(const Holdings& holdings);

  /// The ids that topics have now; callable from any thread.
  void note(TopicIds ids);
  /// Claimed partitions of which the last note says that their topic is another one: an idle partition commits nothing, so nothing else
  /// would tell.
  [[nodiscard]] std::vector<TopicPartition> noted(const Holdings& holdings);

 private:
  Source& source_;
  TopicIds read_;  // by this client
  std::function<Result<TopicIds>()> asked_;
  bool known_ = false;
  bool silent_ = false;
  std::mutex mutex_;
  std::optional<TopicIds> noted_;
};

}  // namespace weir::runtime
