// The unit of work that is gathered: what was admitted and is not being settled yet. Pure.
#pragma once

#include "common/runtime/piece.hpp"

#include <deque>
#include <optional>
#include <vector>

namespace weir::runtime {

class Unit {
 public:
  explicit Unit(FlushLimits limits) : limits_(limits) {}

  /// Keeps the bytes of records that were accepted.
  void keep(std::shared_ptr<const void> memory) { gathered_.memory.push_back(std::move(memory)); }
  [[nodiscard]] std::size_t size() const { return gathered_.events.size(); }
  /// Makes room for one more event, to be filled by the caller, who then calls accept() or take_back().
  [[nodiscard]] Incoming& offer();
  /// How many events there is room for. Events are large, so it does not double beyond what a unit may hold.
  [[nodiscard]] std::size_t room() const { return gathered_.events.capacity(); }
  void accept(SteadyInstant now);
  void take_back() { gathered_.events.pop_back(); }
  /// Notes that a position has moved past a hole at the end of its log, without an event.
  void add_hole(SteadyInstant now);
  [[nodiscard]] bool opened() const { return opened_.has_value(); }
  [[nodiscard]] bool empty() const { return gathered_.events.empty(); }
  [[nodiscard]] bool full() const { return gathered_.events.size() >= limits_.max_records || bytes_ >= limits_.max_bytes; }
  /// Whether the unit is to be settled now, because it is full, old enough, the rest of a backlog, or large enough to be taken one at a
  /// time.
  [[nodiscard]] bool due(const Holdings& holdings, SteadyInstant now) const;
  /// Hands the unit over as one piece, or, where an owner died with these events in hand, in small pieces or one event a piece. A
  /// partition's events stay in order, since all of them are taken in the same way. A unit that only moves positions is an empty piece.
  [[nodiscard]] std::deque<Piece> close(const Holdings& holdings);
  void fold_ahead(const Consumer& consumer) { gathered_.fold_rest(consumer); }
  void forget(const std::function<bool(PartitionSlot)>& gone) { gathered_.forget(gone); }
  void drop();
  /// Takes the vector of a piece that has ended, for the next unit to gather in. Freeing its events takes a while, and the next commit must
  /// not wait for that, so make_room() frees them when there is time.
  void reuse(std::vector<Incoming> spent) { spent_ = std::move(spent); }
  void make_room();

 private:
  FlushLimits limits_;
  Piece gathered_;
  std::size_t bytes_ = 0;
  std::vector<Incoming> spent_;
  std::optional<SteadyInstant> opened_;
  bool behind_ = false;  // the last unit was full, so that more probably waits in the log
  bool hole_ = false;
};

}  // namespace weir::runtime
