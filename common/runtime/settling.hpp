// What is being settled: pieces of work in their order, of which the first is at hand; and after a commit without an answer, the moves that
// Postgres is asked about. Pure.
#pragma once

#include "common/runtime/piece.hpp"

#include <deque>
#include <span>
#include <vector>

namespace weir::runtime {

class Settling {
 public:
  [[nodiscard]] bool empty() const { return pieces_.empty(); }
  /// Nothing but the piece at hand.
  [[nodiscard]] bool is_last() const { return pieces_.size() == 1; }
  [[nodiscard]] Piece& front() { return pieces_.front(); }
  void push(Piece piece) { pieces_.push_back(std::move(piece)); }
  void take(std::deque<Piece> pieces);
  [[nodiscard]] Piece pop();
  /// The second half of the first piece comes behind it.
  void divide();
  void forget(const std::function<bool(PartitionSlot)>& gone);
  void drop() { pieces_.clear(); }

  /// Where the first piece leads: for the last piece to all that the unit comes to, otherwise behind its events alone; positions of letters
  /// stay where they are, and are checked all the same.
  [[nodiscard]] std::vector<PositionMove> moves(const Holdings& holdings) const;

  /// What is about to be committed, or noted: should the answer be lost, this is what Postgres is asked about.
  void expect(std::vector<PositionMove> moves) { expected_ = std::move(moves); }
  void doubt() { in_doubt_ = true; }
  [[nodiscard]] bool in_doubt() const { return in_doubt_; }
  /// The claims under which it was to be committed, as far as they are still ours.
  [[nodiscard]] std::vector<Claim> doubted(const Holdings& holdings) const;

  struct Resolution {
    bool committed = false;            // the first piece: it has ended
    std::vector<TopicPartition> lost;  // another owner has them, or nothing can be told by their positions: they are claimed anew
    std::vector<PositionMove> moves;   // that were doubted
  };
  /// What Postgres said of the doubted claims; ends the doubt.
  [[nodiscard]] Resolution resolve(std::span<const Claim> claims, std::span<const Standing> standings);

 private:
  std::deque<Piece> pieces_;
  std::vector<PositionMove> expected_;
  bool in_doubt_ = false;
};

}  // namespace weir::runtime
