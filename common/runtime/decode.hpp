// From polled records to events: each is decoded, or has its end already. Decoders keep state (a parser), so each has a lock: the
// polling thread decodes ahead, the working thread decodes what must not be decoded ahead (a suspect event).
#pragma once

#include "common/runtime/consumer.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace weir::runtime {

/// Dropped: its place in the source database was taken before.
struct ReSent {};
/// How an event ends; the runtime adds ReSent to what consumers and decoders answer.
using End = std::variant<Done, Skipped, Dead, ReSent>;

/// An end that is decided without the consumer.
struct Ended {
  End how;
  std::string_view dead_kind = "decode";  // where it is Dead: who refused the event
  std::string constraint = {};            // where the database did
};

/// One record on its way through the runtime. Tens of thousands are in hand at a time, so it is kept small.
struct Incoming {
  Event event;
  std::unique_ptr<Ended> ended;  // null: the consumer is to say
  bool decoded = false;          // false: the working thread decodes it, alone in hand
  std::shared_ptr<const void> memory;
  [[nodiscard]] std::size_t bytes() const { return event.record.value ? event.record.value->size() : 0; }
};

class DecoderTable {
 public:
  explicit DecoderTable(const std::vector<TopicBinding>& topics);
  /// Fills event.decoded or ended.
  void decode(Incoming& incoming);

 private:
  struct Slot {
    std::shared_ptr<Decoder> decoder;
    std::mutex mutex;
  };
  std::map<std::string, Slot, std::less<>> slots_;
};

}  // namespace weir::runtime
