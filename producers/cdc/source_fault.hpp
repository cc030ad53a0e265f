// What a fault means to a stream of changes. The table of all faults (common/core/fault.hpp) says what a unit of work does; a stream has
// none to divide or to park: the log is what it is, and whatever will be the same at the next try ends the process with what to do.
#pragma once

#include "common/core/fault.hpp"
#include "producers/cdc/lsn.hpp"

#include <cstdint>

namespace weir::cdc {

/// A fault of the source with the kind and the hint that it has for a stream; any other as it is.
[[nodiscard]] Fault judged(Fault fault);

/// A text of the source's encoding that cannot be turned into UTF-8.
[[nodiscard]] bool is_untranslatable(const Fault& fault);

enum class Ending : std::uint8_t {
  kAgain,     // time heals it: the next capture takes up, without end
  kAgainFew,  // it may: a few captures without a step forward end the process
  kEnd,       // it does not
};
[[nodiscard]] Ending ending(const Fault& fault);

}  // namespace weir::cdc
