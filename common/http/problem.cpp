// Status names (RFC 9110, RFC 6585) and the JSON of problem details.
#include "common/http/problem.hpp"

#include "common/core/json.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::http {

namespace {

constexpr std::array<std::pair<int, std::string_view>, 26> kNames{{{100, "Continue"},
                                                                   {200, "OK"},
                                                                   {202, "Accepted"},
                                                                   {204, "No Content"},
                                                                   {207, "Multi-Status"},
                                                                   {304, "Not Modified"},
                                                                   {400, "Bad Request"},
                                                                   {401, "Unauthorized"},
                                                                   {403, "Forbidden"},
                                                                   {404, "Not Found"},
                                                                   {405, "Method Not Allowed"},
                                                                   {406, "Not Acceptable"},
                                                                   {408, "Request Timeout"},
                                                                   {409, "Conflict"},
                                                                   {410, "Gone"},
                                                                   {411, "Length Required"},
                                                                   {413, "Content Too Large"},
                                                                   {415, "Unsupported Media Type"},
                                                                   {417, "Expectation Failed"},
                                                                   {422, "Unprocessable Content"},
                                                                   {429, "Too Many Requests"},
                                                                   {431, "Request Header Fields Too Large"},
                                                                   {500, "Internal Server Error"},
                                                                   {501, "Not Implemented"},
                                                                   {503, "Service Unavailable"},
                                                                   {505, "HTTP Version Not Supported"}}};

}  // namespace

Problem problem(int status, std::string code, std::string detail) {
  return {.status = status, .detail = std::move(detail), .code = std::move(code)};
}

std::string_view status_text(int status) {
  const auto* found = std::ranges::find(kNames, status, &std::pair<int, std::string_view>::first);
  return found == kNames.end() ? std::string_view{} : found->second;
}

std::string problem_json(const Problem& problem) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("type", "about:blank").member("title", status_text(problem.status));
  json.member("status", problem.status).member("detail", problem.detail);
  if (!problem.code.empty()) json.member("code", problem.code);
  if (problem.has_pointer) json.member("pointer", problem.pointer);
  json.end_object();
  return out;
}

Response problem_response(const Problem& problem) {
  return {.status = problem.status, .content_type = "application/problem+json", .body = problem_json(problem), .headers = {}};
}

Response problem_response(int status, std::string_view detail) {
  Problem problem;
  problem.status = status;
  problem.detail = detail;
  return problem_response(problem);
}

}  // namespace weir::http
