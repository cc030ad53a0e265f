// Problem details as clients read them.
#include "common/http/problem.hpp"

#include <doctest/doctest.h>

namespace http = weir::http;

TEST_CASE("a problem names its status and says where the fault is, the whole document included") {
  CHECK(
      http::problem_json({.status = 422, .detail = "id is \"missing\"", .code = "missing_field", .pointer = "/id", .has_pointer = true}) ==
      R"({"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"id is \"missing\"","code":"missing_field","pointer":"/id"})");
  CHECK(http::problem_json({.status = 400, .detail = "x", .code = {}, .pointer = "", .has_pointer = true}) ==
        R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"x","pointer":""})");
  CHECK(http::problem_response(503, "later").content_type == "application/problem+json");
}
