// Decides which records have to wait behind letters, and how letters that were tried are kept. Pure.
#pragma once

#include "common/runtime/letters.hpp"
#include "common/runtime/piece.hpp"

#include <span>
#include <vector>

namespace weir::runtime {

/// Parks the events that have to wait behind a letter: a record whose key waits already, a record whose key was parked earlier in this
/// piece, and a letter that is not the next of its line. Returns true where this ended an event: a fold, or an attempt, that held the event
/// must then be made anew.
bool queue_behind(Piece& piece, const Holdings& holdings);
/// Notes the events that the consumer itself parked. Returns true where records of the piece have to wait behind them: the attempt must
/// then be made anew without these records.
[[nodiscard]] bool park(Piece& piece, std::span<End> ends, const Holdings& holdings);
/// Parks an event that Postgres refused because a row is missing that it refers to. Where it is a letter that has waited too long, it is
/// dead.
void park_for_missing_row(Piece& piece, Incoming& incoming, const Fault& fault);

/// Says how letters that were tried are kept, and moves each in `counts` from its former outcome to the new one.
[[nodiscard]] std::vector<LetterEnd> end_letters(const Piece& piece, std::span<const End> ends, const Holdings& holdings,
                                                 OutcomeCounts& counts);
/// Called after the commit of the piece: updates which keys wait.
void note_letters(const Piece& piece, Holdings& holdings, SteadyInstant now);
/// Removes the letters that were wanted and not found from their lines, because an operator ended them meanwhile.
void forget_ended(std::span<const LettersWanted> wanted, std::span<const Incoming> found, Holdings& holdings, SteadyInstant now);

}  // namespace weir::runtime
