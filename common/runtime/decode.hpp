// From polled records to events: each is decoded, or has its end already. Decoders keep state (a parser), so each has a lock: the
// polling thread decodes ahead, the working thread decodes what must not be decoded ahead (a suspect event).
#pragma once

#include "common/runtime/consumer.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace weir::runtime {

/// Dropped: its place in the source database was taken before.
struct ReSent {};
/// How an event ends; the runtime adds ReSent to what consumers and decoders answer.
using End = std::variant<Done, Skipped, Dead, ReSent, Parked>;
/// The names under which an end is counted: an outcome, and the reason where it has one. Good for as long as the end is.
[[nodiscard]] std::pair<std::string_view, std::string_view> counted(const End& end);

/// The kind of a dead letter that the consumer decided upon: what it refused of a record, the form or the meaning.
[[nodiscard]] inline std::string_view kind_of(const Dead& why) { return why.of_form ? "decode" : "rule"; }

/// An end that is decided without the consumer.
struct Ended {
  End how;
  std::string_view dead_kind = "decode";  // where it is Dead or Parked: who refused the event
  std::string constraint = {};            // where the database did
};

/// What is known of a kept record that is tried again.
struct Letter {
  std::int64_t id = 0;
  bool parked = false;   // it waits in line; false: an operator sent it through again
  std::string reason;    // under which it is counted so far
  int deaths = 0;        // of owners that had it in hand
  bool overdue = false;  // it is parked for longer than the grace: if it has to wait still, it is dead
};

/// A small number that stands for a partition in the lane that holds it.
using PartitionSlot = std::uint32_t;

/// One record on its way through the runtime. Tens of thousands are in hand at a time, so it is kept small.
struct Incoming {
  Event event;
  std::unique_ptr<Ended> ended;    // null: the consumer is to say
  std::unique_ptr<Letter> letter;  // null: it comes from the log
  PartitionSlot slot = 0;          // of its partition, once a lane has taken it
  bool decoded = false;            // false: the working thread decodes it, alone in hand
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
