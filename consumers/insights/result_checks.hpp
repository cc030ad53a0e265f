// What insights have to be, whoever looks at them: each has a text and its evidence, no budget is exceeded, and sums agree.
#pragma once

#include "common/process/declaration.hpp"

namespace weir::insights {

[[nodiscard]] process::ResultChecks result_checks();

}  // namespace weir::insights
