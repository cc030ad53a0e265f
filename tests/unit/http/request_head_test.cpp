// Targets, and heads that are refused.
#include "common/http/request_head.hpp"

#include <doctest/doctest.h>

namespace http = weir::http;

TEST_CASE("a target is split into path and query, in either form") {
  struct Row {
    std::string_view target;
    std::string_view path;
    std::string_view query;
  };
  for (const Row& row : {Row{"/a/b?c=d", "/a/b", "c=d"}, Row{"/a", "/a", ""}, Row{"http://host/a?b?c", "/a", "b?c"},
                         Row{"http://host", "/", ""}, Row{"*", "*", ""}}) {
    http::Request request;
    http::split_target(row.target, request);
    CAPTURE(row.target);
    CHECK(request.path == row.path);
    CHECK(request.query == row.query);
  }
}

TEST_CASE("a head is refused without exactly one Host, and with a coding or an expectation that the server does not know") {
  const auto status_of = [](std::vector<std::pair<std::string, std::string>> headers, unsigned version = 11) {
    http::Request request;
    request.headers = std::move(headers);
    const auto refused = http::head_refusal(request, version);
    return refused ? refused->status : 0;
  };
  CHECK(status_of({{"host", "x"}}) == 0);
  CHECK(status_of({}, 10) == 0);
  CHECK(status_of({}) == 400);
  CHECK(status_of({{"host", "x"}, {"host", "x"}}) == 400);
  CHECK(status_of({{"host", "x"}, {"transfer-encoding", "Chunked"}, {"expect", "100-Continue"}}) == 0);
  CHECK(status_of({{"host", "x"}, {"transfer-encoding", "gzip, chunked"}}) == 501);
  CHECK(status_of({{"host", "x"}, {"expect", "tea"}}) == 417);
}
