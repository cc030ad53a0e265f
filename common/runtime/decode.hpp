// Turns polled records into events: the decoder of a record's topic makes a payload of it, or ends it. A decoder keeps state (a parser), so
// each working thread has decoders of its own.
#pragma once

#include "common/runtime/consumer.hpp"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace weir::runtime {

/// The outcomes, in one place for who counts them and who makes their series.
inline constexpr std::array<std::string_view, 5> kOutcomes{"done", "skipped", "dead", "parked", "re_sent"};
/// The names under which an end is counted: an outcome, and the reason where it has one. The names are valid as long as the end is.
[[nodiscard]] std::pair<std::string_view, std::string_view> counted(const End& end);

/// The kind of a dead letter that the consumer decided upon: "decode" where it refused the record's form, "rule" where it refused the
/// meaning.
[[nodiscard]] inline std::string_view kind_of(const Dead& why) { return why.of_form ? "decode" : "rule"; }

/// An end that is decided without the consumer.
struct Ended {
  End how;
  std::string_view dead_kind = "decode";  // of Dead and Parked: who refused the event
  std::string constraint = {};            // the constraint, where the database refused it
};

/// What the runtime knows of a kept record that is tried again.
struct Letter {
  std::int64_t id = 0;
  bool parked = false;                   // it waits in line; false: an operator sent it through again
  std::string reason;                    // the reason under which it is counted so far
  int deaths = 0;                        // how many owners died with it in hand
  bool overdue = false;                  // parked for longer than the grace: if it still has to wait, it is dead
  std::shared_ptr<const void> memory{};  // owns the bytes of its record
};

/// A small number that stands for a partition in the lane that holds it.
using PartitionSlot = std::uint32_t;

/// One record on its way through the runtime. Tens of thousands are in hand at a time, so it is kept small.
struct Incoming {
  Event event;
  std::unique_ptr<Ended> ended;    // null: the consumer decides
  std::unique_ptr<Letter> letter;  // null: the record comes from the log
  PartitionSlot slot = 0;          // of its partition, once a lane has taken it
  bool decoded = false;            // false: it is suspect, and is decoded once it is alone in hand
  [[nodiscard]] std::size_t bytes() const { return event.record.value ? event.record.value->size() : 0; }
};

/// The decoders of one working thread.
class DecoderTable {
 public:
  /// Makes the decoder of each topic.
  explicit DecoderTable(const std::vector<TopicBinding>& topics);
  /// Fills event.decoded or ended.
  void decode(Incoming& incoming);

 private:
  std::map<std::string, std::shared_ptr<Decoder>, std::less<>> decoders_;
  std::string_view topic_;      // of the record that was decoded last
  Decoder* decoder_ = nullptr;  // of this topic
};

}  // namespace weir::runtime
