// The results of a piece beside the consumer's rows: the letters that are kept, how many events ended in which way, and whether too many
// died of their form. They count once the piece is known to be committed. Pure.
#pragma once

#include "common/runtime/dead_share.hpp"
#include "common/runtime/piece.hpp"

#include <span>
#include <string>
#include <vector>

namespace weir::runtime {

struct Tally {
  std::vector<DeadLetter> kept;
  OutcomeCounts counts;
  DeadShares shares;  // of the events committed before, and of this piece

  /// Adds the events of a piece of records of the log. Returns a fault where a topic's last records say that its form has changed.
  [[nodiscard]] Result<void> add(const Piece& piece, std::span<const End> ends, const Holdings& holdings, const std::string& group);
};

}  // namespace weir::runtime
