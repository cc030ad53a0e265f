// The page's files, which the executable carries.
#pragma once

#include "common/http/server.hpp"

#include <optional>

namespace weir::console {

/// The answer to GET of a path; none: there is no such file.
[[nodiscard]] std::optional<http::Response> page_file(const http::Request& request);

}  // namespace weir::console
