// What a piece of work comes to beside the consumer's rows: what is kept of it, how many events ended in which way, and whether too many
// died of their form. It counts once it is known to be committed. Pure.
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
  DeadShares shares;  // of what was committed before, and of this

  /// Adds the events of a piece from the log. A fault where the form of a topic has changed, as far as its last records tell.
  [[nodiscard]] Result<void> add(const Piece& piece, std::span<const End> ends, const Holdings& holdings, const std::string& group);
};

}  // namespace weir::runtime
