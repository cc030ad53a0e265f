// The pieces that are being settled, in their order; the first is the piece at hand. After a commit whose answer was lost, also the moves
// that Postgres is asked about. Pure.
#pragma once

#include "common/runtime/piece.hpp"

#include <deque>
#include <span>
#include <vector>

namespace weir::runtime {

class Settling {
 public:
  [[nodiscard]] bool empty() const { return pieces_.empty(); }
  /// The piece at hand is the only one.
  [[nodiscard]] bool is_last() const { return pieces_.size() == 1; }
  [[nodiscard]] Piece& front() { return pieces_.front(); }
  void push(Piece piece) { pieces_.push_back(std::move(piece)); }
  void take(std::deque<Piece> pieces);
  [[nodiscard]] Piece pop();
  /// The second half of the first piece comes behind it.
  void divide();
  void forget(const std::function<bool(PartitionSlot)>& gone);
  void drop() { pieces_.clear(); }

  /// The moves that the piece at hand makes. The last piece moves each partition to the end of the unit, any other piece moves it behind
  /// its own events. A piece of letters moves no position, but its positions are checked all the same.
  [[nodiscard]] std::vector<PositionMove> moves(const Holdings& holdings) const;

  /// Notes the moves that are about to be committed, or to be marked as an attempt: Postgres is asked about them should the answer be lost.
  void expect(std::vector<PositionMove> moves) { expected_ = std::move(moves); }
  void doubt() { in_doubt_ = true; }
  [[nodiscard]] bool in_doubt() const { return in_doubt_; }
  /// The claims of the moves in doubt, as far as they are still ours.
  [[nodiscard]] std::vector<Claim> doubted(const Holdings& holdings) const;

  struct Resolution {
    bool committed = false;            // the piece at hand was committed
    std::vector<TopicPartition> lost;  // to be claimed anew: another owner has them, or their positions tell nothing
    std::vector<PositionMove> moves;   // the moves that were in doubt
  };
  /// Takes Postgres' answers on doubted(), and ends the doubt.
  [[nodiscard]] Resolution resolve(std::span<const Claim> claims, std::span<const Standing> standings);

 private:
  std::deque<Piece> pieces_;
  std::vector<PositionMove> expected_;
  bool in_doubt_ = false;
};

}  // namespace weir::runtime
