// Splits a request's target, and checks the rules of HTTP for a head that the parser does not check. Pure.
#pragma once

#include "common/http/server.hpp"

#include <optional>
#include <string_view>

namespace weir::http {

/// Fills path and query from a request target, in origin form ("/a?b") or absolute form ("http://host/a?b").
void split_target(std::string_view target, Request& request);

struct HeadRefusal {
  int status = 400;
  std::string_view detail;
};

/// Why a well-formed head is refused all the same; none: it is not refused. `version` is 10 for HTTP/1.0 and 11 for HTTP/1.1.
[[nodiscard]] std::optional<HeadRefusal> head_refusal(const Request& request, unsigned version);

}  // namespace weir::http
