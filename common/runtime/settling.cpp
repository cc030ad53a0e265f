#include "common/runtime/settling.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace weir::runtime {

void Settling::take(std::deque<Piece> pieces) {
  for (Piece& piece : pieces) pieces_.push_back(std::move(piece));
}

Piece Settling::pop() {
  Piece piece = std::move(pieces_.front());
  pieces_.pop_front();
  return piece;
}

void Settling::divide() {
  Piece second = pieces_.front().divide();
  pieces_.insert(pieces_.begin() + 1, std::move(second));
}

void Settling::forget(const std::function<bool(PartitionSlot)>& gone) {
  for (Piece& piece : pieces_) piece.forget(gone);
}

std::vector<PositionMove> Settling::moves(const Holdings& holdings) const {
  const Piece& piece = pieces_.front();
  std::map<PartitionSlot, Position> moved;
  if (piece.of_letters) {
    for (const Incoming& incoming : piece.events) moved.try_emplace(incoming.slot, holdings.of(incoming).claim.position);
  } else if (is_last()) {
    for (const Partition& partition : holdings.all()) {
      if (partition.claimed && partition.closed.next_offset != partition.claim.position.next_offset)
        moved[partition.slot] = partition.closed;
    }
  } else {
    for (const Incoming& incoming : piece.events)
      move_past(moved.try_emplace(incoming.slot, holdings.of(incoming).claim.position).first->second, incoming);
  }
  std::vector<PositionMove> moves;
  for (const Partition& partition : holdings.all()) {
    if (const auto found = moved.find(partition.slot); found != moved.end()) moves.push_back(partition.move_to(std::move(found->second)));
  }
  return moves;
}

std::vector<Claim> Settling::doubted(const Holdings& holdings) const {
  std::vector<Claim> claims;
  for (const PositionMove& move : expected_) {
    const Partition* partition = holdings.find(move.partition);
    if (partition != nullptr && partition->claimed) claims.push_back(partition->claim);
  }
  return claims;
}

Settling::Resolution Settling::resolve(std::span<const Claim> claims, std::span<const Standing> standings) {
  Resolution found;
  // A piece of letters moves no position, so positions do not tell whether it was committed: its partitions are claimed anew, which reads
  // the letters again.
  const bool of_letters = !empty() && front().of_letters;
  bool committed = false;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const TopicPartition& key = claims[i].partition;
    const auto move = std::ranges::find(expected_, key, &PositionMove::partition);
    const bool there = standings[i].next_offset == move->position.next_offset && move->position.next_offset != move->expected;
    const bool stands = standings[i].mine && (there || standings[i].next_offset == move->expected);
    committed = committed || (standings[i].mine && there);
    if (!stands || of_letters) found.lost.push_back(key);
  }
  in_doubt_ = false;
  found.committed = committed;
  found.moves = std::exchange(expected_, {});
  return found;
}

}  // namespace weir::runtime
