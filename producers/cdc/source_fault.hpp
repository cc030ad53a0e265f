// Says what a fault means for a stream of changes. The table of all faults (common/core/fault.hpp) says what a unit of work does about
// each. A stream cannot divide or park its work, because the log must be read in order. So a fault that will be the same at the next try
// ends the process, with a hint what to do.
#pragma once

#include "common/core/fault.hpp"
#include "producers/cdc/lsn.hpp"

namespace weir::cdc {

/// Gives a fault of the source the kind and the hint that it has for a stream; any other fault stays as it is.
[[nodiscard]] Fault judged(Fault fault);

/// Whether the fault is a text of the source's encoding that cannot be turned into UTF-8.
[[nodiscard]] bool is_untranslatable(const Fault& fault);

/// Whether a stream that has ended with `fault` for the `tries`-th time without a step forward ends for good. Otherwise another capture
/// follows.
[[nodiscard]] bool is_last(const Fault& fault, int tries);

}  // namespace weir::cdc
