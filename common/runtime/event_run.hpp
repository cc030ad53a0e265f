// Events that follow each other in a batch and come from one topic. One decoder made their payloads, which are therefore of one type: that
// is checked once for all of them, and not for each.
#pragma once

#include "common/core/result.hpp"
#include "common/runtime/event.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <typeinfo>

namespace weir::runtime {

class EventRun {
 public:
  /// At least one, all of one topic.
  explicit EventRun(std::span<const Event* const> events) : events_(events) {}

  [[nodiscard]] std::string_view topic() const { return events_.front()->record.topic; }
  [[nodiscard]] std::size_t size() const { return events_.size(); }

  /// Calls `take` with each event and its payload, in order.
  template <class T, class Take>
  void each(Take take) const {
    const Payload& first = *events_.front()->decoded.payload;
    WEIR_ASSERT(typeid(first) == typeid(T));
    for (const Event* event : events_) take(*event, static_cast<const T&>(*event->decoded.payload));
  }

 private:
  std::span<const Event* const> events_;
};

/// Calls `take` with the runs that the batch consists of, in order: each is as long as it can be.
template <class Take>
void for_each_run(std::span<const Event* const> batch, Take take) {
  while (!batch.empty()) {
    const std::string_view topic = batch.front()->record.topic;
    // The records of a poll share the text of their topic's name.
    const auto is_other = [&](const Event* event) { return event->record.topic.data() != topic.data() && event->record.topic != topic; };
    const auto end = std::ranges::find_if(batch, is_other);
    const auto size = static_cast<std::size_t>(end - batch.begin());
    take(EventRun(batch.first(size)));
    batch = batch.subspan(size);
  }
}

}  // namespace weir::runtime
