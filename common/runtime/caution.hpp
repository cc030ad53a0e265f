// How the events of a partition are taken after its owners died. Pure.
#pragma once

#include <cstdint>

namespace weir::runtime {

/// Each value is a number of deaths. A moved position stores that number (weir.consumer_offsets.deaths), and a claim after one more death
/// counts on from it. Therefore the values must not change.
enum class Caution : std::uint8_t {
  kNone = 0,     // all at once
  kCareful = 1,  // in small pieces, so that few events have to be taken one at a time after a second death
  kAlone = 2,    // one event at a time, each noted before it is taken
};

/// An event, or a letter, becomes dead when this many owners have died with it alone in hand.
inline constexpr int kDeathsToBury = 3;

[[nodiscard]] constexpr Caution caution_after(int deaths) {
  return deaths >= 2 ? Caution::kAlone : deaths == 1 ? Caution::kCareful : Caution::kNone;
}

/// The number of deaths that a moved position stores while events are taken with this caution.
[[nodiscard]] constexpr int deaths_on_record(Caution caution) { return static_cast<int>(caution); }

}  // namespace weir::runtime
