// Which records have to wait behind letters, and how letters that were tried are kept. Pure.
#pragma once

#include "common/runtime/letters.hpp"
#include "common/runtime/piece.hpp"

#include <span>
#include <vector>

namespace weir::runtime {

/// Ends what has to wait behind a letter: a record whose key waits already, or whose key has been parked earlier in this piece, and a
/// letter that is not the next of its line. True where something ended that had not: a fold or an attempt that held it is to be made anew.
bool queue_behind(Piece& piece, const Holdings& holdings);
/// Takes down what the consumer itself parked. True where the attempt is to be made anew, without the records that have to wait behind it.
[[nodiscard]] bool park(Piece& piece, std::span<End> ends, const Holdings& holdings);
/// The event is parked that Postgres refused since a row is missing that it refers to; or it is dead, where it has waited too long.
void park_for_missing_row(Piece& piece, Incoming& incoming, const Fault& fault);

/// How letters that were tried are kept; moves each in the counts from what it was to what it is now.
[[nodiscard]] std::vector<LetterEnd> end_letters(const Piece& piece, std::span<const End> ends, const Holdings& holdings,
                                                 OutcomeCounts& counts);
/// After the commit of the piece: who waits now.
void note_letters(const Piece& piece, Holdings& holdings, SteadyInstant now);
/// Letters that were wanted and are not there: an operator ended them meanwhile, so they wait no more.
void forget_ended(std::span<const LettersWanted> wanted, std::span<const Incoming> found, Holdings& holdings, SteadyInstant now);

}  // namespace weir::runtime
