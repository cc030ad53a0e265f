// `weir gateway` as the program lists it.
#pragma once

#include "common/cli/component.hpp"

namespace weir::gateway {

[[nodiscard]] cli::Component gateway_component();

}  // namespace weir::gateway
