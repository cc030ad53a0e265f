// Bodies that come compressed (Content-Encoding: gzip), bounded by the size that they unpack to. Pure.
#pragma once

#include "common/http/problem.hpp"
#include "common/http/server.hpp"

#include <cstddef>
#include <optional>

namespace weir::gateway {

/// Puts the unpacked body in the place of the packed one. Problems: 415 (another coding), 400 (not gzip, or cut off), 413 (unpacks to more
/// than `max_bytes`; no more than these are unpacked).
[[nodiscard]] std::optional<http::Problem> unpack_body(http::Request& request, std::size_t max_bytes);

}  // namespace weir::gateway
