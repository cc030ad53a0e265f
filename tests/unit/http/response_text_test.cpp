// Answers as bytes.
#include "common/http/response_text.hpp"

#include <doctest/doctest.h>

namespace http = weir::http;

TEST_CASE("an answer is its head and body; to HEAD it is the head alone, and 204 has no length") {
  const http::Response response{.status = 202, .content_type = "text/plain", .body = "ok", .headers = {{"X-A", "b"}}};
  const std::string head =
      "HTTP/1.1 202 Accepted\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nDate: d\r\nConnection: keep-alive\r\nX-A: b\r\n\r\n";
  CHECK(http::response_text(response, {.head_only = false, .closes = false, .date = "d"}) == head + "ok");
  CHECK(http::response_text(response, {.head_only = true, .closes = false, .date = "d"}) == head);
  CHECK(http::response_text({.status = 204, .content_type = {}, .body = {}, .headers = {}},
                            {.head_only = false, .closes = true, .date = "d"}) ==
        "HTTP/1.1 204 No Content\r\nDate: d\r\nConnection: close\r\n\r\n");
}

TEST_CASE("a date is written as HTTP writes it, from the first second on") {
  using std::chrono::sys_seconds;
  http::HttpDate date;
  CHECK(date.text(sys_seconds{}) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(date.text(sys_seconds{std::chrono::seconds{1'795'224'300}}) == "Sat, 21 Nov 2026 01:25:00 GMT");
}
