// `weir tally`, a consumer as small as one can be: it takes the changes of agents, and says of each that it is done.
#pragma once

#include "common/process/component.hpp"

namespace weir::tally {

[[nodiscard]] process::Component tally_component();

}  // namespace weir::tally
