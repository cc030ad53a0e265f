#include "common/runtime/piece.hpp"

#include <algorithm>

namespace weir::runtime {

namespace {

bool is_live(const Incoming& incoming) { return !incoming.ended; }

}  // namespace

void Piece::fold_rest(const Consumer& consumer) {
  if (fold == nullptr) {
    folded = 0;
    fold = consumer.fold();
  }
  if (fold == nullptr) return;
  std::vector<const Event*> rest;
  rest.reserve(events.size() - folded);
  for (; folded < events.size(); ++folded) {
    if (is_live(events[folded])) rest.push_back(&events[folded].event);
  }
  fold->add_all(rest);
}

void Piece::forget(const std::function<bool(PartitionSlot)>& gone) {
  if (std::erase_if(events, [&](const Incoming& incoming) { return gone(incoming.slot); }) > 0) fold.reset();
}

std::size_t Piece::live() const { return static_cast<std::size_t>(std::ranges::count_if(events, is_live)); }

Incoming& Piece::first_live() {
  const auto found = std::ranges::find_if(events, is_live);
  WEIR_ASSERT(found != events.end());
  return *found;
}

Piece Piece::divide() {
  fold.reset();
  Piece second;
  second.memory = memory;
  second.of_letters = of_letters;
  second.any_parked = any_parked;
  auto middle = events.begin();
  for (std::size_t left = live() / 2; left > 0; ++middle) {
    if (is_live(*middle)) --left;
  }
  second.events.assign(std::make_move_iterator(middle), std::make_move_iterator(events.end()));
  events.erase(middle, events.end());
  return second;
}

std::vector<Burial> Piece::burials() const {
  std::vector<Burial> burials;
  for (const Incoming& incoming : events) {
    if (is_live(incoming)) continue;
    if (const auto* why = std::get_if<Dead>(&incoming.ended->how)) burials.push_back({&incoming.event, incoming.ended->dead_kind, why});
  }
  return burials;
}

std::vector<const Event*> Piece::batch() const {
  std::vector<const Event*> batch;
  batch.reserve(events.size());
  for (const Incoming& incoming : events) {
    if (is_live(incoming)) batch.push_back(&incoming.event);
  }
  return batch;
}

std::vector<End> Piece::ends(std::vector<Outcome> of_batch) const {
  if (of_batch.size() == events.size()) return of_batch;  // none ended before
  std::vector<End> ends;
  ends.reserve(events.size());
  std::size_t next = 0;
  for (const Incoming& incoming : events) ends.push_back(is_live(incoming) ? std::move(of_batch[next++]) : incoming.ended->how);
  return ends;
}

}  // namespace weir::runtime
