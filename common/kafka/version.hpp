// The version of librdkafka that weir runs with.
#pragma once

#include <string>

namespace weir::kafka {

[[nodiscard]] std::string library_version();

}  // namespace weir::kafka
