// The shape of a body, by its media type and its first character.
#include "producers/gateway/body.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace gateway = weir::gateway;
using gateway::Body;

namespace {

constexpr gateway::BodyLimits kLimits{.max_batch_bytes = 1UL << 20U, .max_batch_events = 1'000};

tl::expected<Body, weir::http::Problem> split(std::string_view type, std::string_view body, const gateway::BodyLimits& limits = kLimits) {
  static weir::http::Request request;  // the answer holds views into it
  request.headers = {{"content-type", std::string(type)}};
  request.body = body;
  weir::events::ActionReader reader;
  return gateway::split_body(request, reader, limits);
}

}  // namespace

TEST_CASE("the media type and the first character say whether it is one event, an array or lines") {
  struct Row {
    std::string_view type;
    std::string_view body;
    bool single;
    std::size_t events;
  };
  const std::vector<Row> rows{{"application/json", "{}", true, 1},
                              {"application/json", " \n[{},{}]", false, 2},
                              {"Application/JSON; charset=UTF-8", "{}", true, 1},
                              {"application/json;charset=\"utf-8\";x=y", "{}", true, 1},
                              {"application/cloudevents+json", "[{},{}]", true, 1},  // one event, which is not an object: judged as such
                              {"application/cloudevents-batch+json", "[{}]", false, 1},
                              {"application/x-ndjson", "{}\n{}\r\n\n  \n{}", false, 3},
                              {"application/ndjson", "{}", false, 1}};
  for (const Row& row : rows) {
    CAPTURE(row.type);
    CAPTURE(row.body);
    const auto body = split(row.type, row.body);
    REQUIRE(body.has_value());
    CHECK(body->single == row.single);
    CHECK(body->events.size() == row.events);
  }
}

TEST_CASE("a batch may be empty") {
  for (const std::string_view type : {"application/cloudevents-batch+json", "application/json"}) {
    const auto body = split(type, " [ ] ");
    REQUIRE(body.has_value());
    CHECK_FALSE(body->single);
    CHECK(body->events.empty());
  }
}

TEST_CASE("ce- headers make the body the data of one event, unless the media type says that it is a whole event") {
  weir::http::Request request;
  request.headers = {{"content-type", "application/json; charset=UTF-8"}, {"ce-id", "1"}};
  request.body = "[{}]";
  weir::events::ActionReader reader;
  const auto binary = gateway::split_body(request, reader, kLimits);
  REQUIRE(binary.has_value());
  CHECK(binary->single);
  CHECK(binary->events == std::vector<std::string_view>{"[{}]"});
  REQUIRE(binary->attributes.has_value());
  CHECK(binary->attributes->size() == 2);
  for (const char* type : {"application/cloudevents+json", "application/cloudevents-batch+json"}) {
    request.headers[0].second = type;
    const auto structured = gateway::split_body(request, reader, kLimits);
    REQUIRE(structured.has_value());
    CHECK_FALSE(structured->attributes.has_value());
  }
  for (const char* type : {"text/plain", "application/x-ndjson", "application/json; charset=latin1"}) {
    request.headers[0].second = type;
    CHECK(gateway::split_body(request, reader, kLimits).error().status == 415);
  }
  request.headers.erase(request.headers.begin());
  CHECK(gateway::split_body(request, reader, kLimits).has_value());
}

TEST_CASE("an element of an array is handed on as it was written") {
  const auto body = split("application/json", R"([ {"a" : [1, "]"]} , 7,"x" ])");
  REQUIRE(body.has_value());
  CHECK(body->events == std::vector<std::string_view>{R"({"a" : [1, "]"]})", "7", R"("x")"});
}

TEST_CASE("a body over a limit is refused, and one at the limit is not") {
  gateway::BodyLimits limits = kLimits;
  limits.max_batch_bytes = 6;
  limits.max_batch_events = 2;
  CHECK(split("application/x-ndjson", "{}\n{}\n", limits).has_value());
  CHECK(split("application/x-ndjson", "{}\n{}\n\n", limits).error().code == "batch_too_large");
  CHECK(split("application/x-ndjson", "1\n2\n3", limits).error().code == "too_many_events");
  CHECK(split("application/json", "[1,2]", limits).has_value());
}

TEST_CASE("whatever the bytes: a body gives events or a problem that names a status of the contract") {
  CHECK(rc::check([](const std::string& bytes, bool lines) {
    const auto body = split(lines ? "application/x-ndjson" : "application/json", bytes);
    if (body) {
      RC_ASSERT(!body->single || body->events.size() == 1);
    } else {
      RC_ASSERT(body.error().status == 400 || body.error().status == 413);
    }
  }));
}
