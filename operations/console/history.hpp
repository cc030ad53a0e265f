// The last snapshots as events, numbered without a gap, so that a viewer who comes back gets those that it has missed. Pure.
//
//   id := boot '-' number      boot: hexadecimal, of this start of the console; number: rises by 1 from event to event
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace weir::console {

class History {
 public:
  /// `boot` tells this start of the console from every other one.
  History(std::string boot, std::size_t most) : boot_(std::move(boot)), most_(most) {}

  /// The number that the next event will have.
  [[nodiscard]] std::uint64_t next() const { return next_; }
  /// Keeps a snapshot's JSON as an event under the next number.
  void add(std::string_view json);
  [[nodiscard]] bool empty() const { return events_.empty(); }

  enum class Missing : std::uint8_t { kNothing, kOfAnotherStart, kTooOld };
  struct Place {
    std::uint64_t next = 0;  // the event to begin with
    Missing missing = Missing::kNothing;
  };
  /// Where a viewer goes on that has seen `last_event_id` ("": none, so that it begins with the newest event).
  [[nodiscard]] Place place_after(std::string_view last_event_id) const;

  struct Page {
    std::string text;
    std::uint64_t next = 0;  // behind what the page holds
  };
  /// The events from `next` on, but no further one once the text is longer than `most_bytes`. None: the first of them is gone.
  [[nodiscard]] std::optional<Page> from(std::uint64_t next, std::size_t most_bytes) const;

 private:
  [[nodiscard]] std::uint64_t first() const { return next_ - events_.size(); }

  std::string boot_;
  std::size_t most_;
  std::uint64_t next_ = 1;
  std::deque<std::string> events_;
};

/// The event that tells a viewer that it has missed something; empty where it has not.
[[nodiscard]] std::string reset_event(History::Missing missing);

}  // namespace weir::console
