// Problem details for HTTP (RFC 9457): every refusal is one of these.
#pragma once

#include "common/http/server.hpp"

#include <string>
#include <string_view>

namespace weir::http {

struct Problem {
  int status = 500;
  std::string detail;        // one or two sentences: what is wrong, where, what to do
  std::string code{};        // snake_case, for programs: "duplicate_key"; left out where empty
  std::string pointer{};     // JSON Pointer to the fault in the request's body; see has_pointer
  bool has_pointer = false;  // "" is a pointer too: the whole document
};

/// A problem without a pointer, since no place in the request's body is at fault.
[[nodiscard]] Problem problem(int status, std::string code, std::string detail);
/// "Unprocessable Content" for 422, and so on; "" for a status without a name.
[[nodiscard]] std::string_view status_text(int status);
/// {"type":"about:blank","title":…,"status":…,"detail":…,"code":…,"pointer":…}
[[nodiscard]] std::string problem_json(const Problem& problem);
/// The answer with content type application/problem+json.
[[nodiscard]] Response problem_response(const Problem& problem);
[[nodiscard]] Response problem_response(int status, std::string_view detail);

}  // namespace weir::http
