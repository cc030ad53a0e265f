#include "consumers/notifications/providers/payload.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::notifications;

namespace {

const Uuid kId = *Uuid::parse("00000000-0000-4000-8000-000000000001");

std::string payload(std::string body, const std::optional<Uuid>& id = kId) {
  Outgoing message;
  message.subject = "Done \"x\"";
  message.body = std::move(body);
  return payload_of(message, id);
}

}  // namespace

TEST_CASE("a body that is an object keeps its members, and gets the message's id") {
  CHECK(payload(R"({ "taskId" : "t1", "executionTime": 3.5, "output": {"a": [1, null, true]} })") ==
        R"({"id":"00000000-0000-4000-8000-000000000001","taskId":"t1","executionTime":3.5,"output":{"a":[1,null,true]}})");
  CHECK(payload("{}") == R"({"id":"00000000-0000-4000-8000-000000000001"})");
  CHECK(payload(R"({"a":"ü\n\u0001"})", {}) == R"({"a":"ü\n\u0001"})");
}

TEST_CASE("an id of the body does not stand in for the message's") {
  CHECK(payload(R"({"id":"forged","a":1})") == R"({"id":"00000000-0000-4000-8000-000000000001","a":1})");
  CHECK(payload(R"({"id":"its own"})", {}) == R"({"id":"its own"})");
}

TEST_CASE("a body that is no object is a text beside the subject") {
  for (const char* body : {"Hello", "[1]", "\"x\"", "{\"a\":", ""}) {
    const std::string found = payload(body, {});
    CHECK(found.starts_with(R"({"subject":"Done \"x\"","body":")"));
  }
}

TEST_CASE("a text is found by its path") {
  const std::string json = R"({"error":{"status":"NOT_FOUND","code":404}})";
  CHECK(text_at(json, {"error", "status"}) == "NOT_FOUND");
  CHECK_FALSE(text_at(json, {"error", "code"}));
  CHECK_FALSE(text_at(json, {"error", "other"}));
  CHECK_FALSE(text_at(json, {"error", "status", "deeper"}));
  CHECK_FALSE(text_at("no JSON", {"error"}));
}
