// The gateway described for programs: OpenAPI 3.1, with the schemas of the shipped types.
#pragma once

#include <string>

namespace weir::gateway {

[[nodiscard]] std::string openapi_document();

}  // namespace weir::gateway
