// `weir gateway` as the program lists it.
#pragma once

#include "common/process/component.hpp"

namespace weir::gateway {

[[nodiscard]] process::Component gateway_component();

}  // namespace weir::gateway
