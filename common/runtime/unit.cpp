#include "common/runtime/unit.hpp"

#include <algorithm>
#include <utility>

namespace weir::runtime {

Incoming& Unit::offer() {
  std::vector<Incoming>& events = gathered_.events;
  const std::size_t held = events.size();
  if (held == events.capacity() && held < limits_.max_records) events.reserve(std::clamp<std::size_t>(2 * held, 1, limits_.max_records));
  return events.emplace_back();
}

void Unit::accept(SteadyInstant now) {
  if (!opened_) opened_ = now;
  bytes_ += gathered_.events.back().bytes();
}

void Unit::add_hole(SteadyInstant now) {
  if (!opened_) opened_ = now;
  hole_ = true;
}

bool Unit::due(const Holdings& holdings, SteadyInstant now) const {
  if (!opened_) return false;
  // The rest of a backlog is settled at once: the log has ended, so waiting for the interval would gather nothing more.
  if (full() || (behind_ && holdings.all_at_end())) return true;
  // All events that are admitted in this state are taken one at a time, so the unit is kept small.
  if (holdings.any_alone() && gathered_.events.size() >= static_cast<std::size_t>(kCarefulPiece)) return true;
  return now - *opened_ >= limits_.interval;
}

std::deque<Piece> Unit::close(const Holdings& holdings) {
  std::deque<Piece> pieces;
  if (!opened_) return pieces;
  behind_ = full();
  Piece rest;
  Piece careful;
  if (!holdings.any_cautious()) std::swap(rest, gathered_);
  for (Incoming& incoming : gathered_.events) {
    switch (holdings.of(incoming).caution) {
      case Caution::kNone:
        rest.events.push_back(std::move(incoming));
        break;
      case Caution::kCareful:
        careful.events.push_back(std::move(incoming));
        if (careful.events.size() == static_cast<std::size_t>(kCarefulPiece)) pieces.push_back(std::exchange(careful, {}));
        break;
      case Caution::kAlone:
        pieces.emplace_back().events.push_back(std::move(incoming));
        break;
    }
  }
  if (!careful.events.empty()) pieces.push_back(std::move(careful));
  for (Piece& piece : pieces) piece.memory = gathered_.memory;
  if (rest.memory.empty()) rest.memory = std::move(gathered_.memory);
  if (!rest.events.empty()) pieces.push_back(std::move(rest));
  if (hole_ && pieces.empty()) pieces.emplace_back();
  drop();
  return pieces;
}

void Unit::drop() {
  gathered_ = {};
  bytes_ = 0;
  opened_.reset();
  hole_ = false;
}

void Unit::make_room() {
  spent_.clear();
  if (gathered_.events.capacity() == 0) gathered_.events.swap(spent_);
}

}  // namespace weir::runtime
