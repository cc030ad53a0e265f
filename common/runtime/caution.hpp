// How the events of a partition are taken after its owners died. Pure.
#pragma once

#include <cstdint>

namespace weir::runtime {

/// The value of each is the number of deaths that it stands for. A position that moves keeps that number (weir.consumer_offsets.deaths),
/// and a claim after one more death counts on from it: so the values are part of what is stored.
enum class Caution : std::uint8_t {
  kNone = 0,     // all at once
  kCareful = 1,  // in small pieces, which keep short what must be taken one at a time after a second death
  kAlone = 2,    // one event at a time, each noted before it is taken
};

/// At so many deaths of owners that had it alone in hand an event, or a letter, is dead.
inline constexpr int kDeathsToBury = 3;

[[nodiscard]] constexpr Caution caution_after(int deaths) {
  return deaths >= 2 ? Caution::kAlone : deaths == 1 ? Caution::kCareful : Caution::kNone;
}

/// What is kept on record while events are taken so.
[[nodiscard]] constexpr int deaths_on_record(Caution caution) { return static_cast<int>(caution); }

}  // namespace weir::runtime
