// The receivers of the demo read what providers read, and find what is wrong with it. The signed requests are the examples of Pusher's
// documentation (Channels HTTP API, "Worked authentication example") and of Standard Webhooks' ("Verifying manually").
#include "demo/receivers/requests.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::demo;

namespace {

const std::string kId = "0b8f6f0e-6a3c-4c2e-9a53-3c1b5a1d7e21";
const std::string kOther = "1c9f6f0e-6a3c-4c2e-9a53-3c1b5a1d7e22";

Request pusher_example() {
  return {.target =
              "/apps/3/events?auth_key=278d425bdf160c739803&auth_timestamp=1353088179&auth_version=1.0"
              "&body_md5=ec365a775a4cd0599faeb73354201b6f"
              "&auth_signature=da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c",
          .headers = {},
          .body = R"({"name":"foo","channels":["project-3"],"data":"{\"some\":\"data\"}"})"};
}

Request webhook_example() {
  return {.target = "/hook/1",
          .headers = {{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
                      {"webhook-timestamp", "1614265330"},
                      {"webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}},
          .body = R"({"test": 2432232314})"};
}

Request mail_request(const std::string& key) {
  return {.target = "/v3/mail/send",
          .headers = {{"authorization", key}},
          .body = R"({"personalizations":[{"to":[{"email":"a@b.c"}],"custom_args":{"message_id":")" + kId + R"("}}]})"};
}

}  // namespace

TEST_CASE("Pusher's own example is signed rightly, and no other request is") {
  CHECK(read(pusher_example())->fault.empty());
  Request other = pusher_example();
  other.body += " ";
  CHECK(read(other)->fault == "the body is another than its MD5 says");
  other = pusher_example();
  other.target.back() = 'd';
  CHECK(read(other)->fault == "the signature is wrong");
  other = pusher_example();
  other.target.replace(other.target.find("278d"), 4, "278e");
  CHECK(read(other)->fault == "the key is another");
}

TEST_CASE("Pusher's events name their messages, one or up to ten in a call") {
  Request request = pusher_example();
  request.body = R"({"name":"n","channel":"c","data":"{\"id\":\")" + kId + R"(\"}"})";
  CHECK(read(request)->messages == std::vector{Uuid::parse(kId)});
  request.target = "/apps/3/batch_events?";
  request.body = R"({"batch":[{"data":"{\"id\":\")" + kId + R"(\"}"},{"data":"{\"id\":\")" + kOther + R"(\"}"},{"data":"[]"}]})";
  CHECK(read(request)->messages == std::vector{Uuid::parse(kId), Uuid::parse(kOther), std::optional<Uuid>()});
  request.body = R"({"batch":[]})";
  CHECK(read(request)->fault == "a batch has one to ten events");
}

TEST_CASE("the example of Standard Webhooks is signed rightly, and no other request is") {
  CHECK(read(webhook_example())->fault.empty());
  for (const char* name : {"webhook-id", "webhook-timestamp", "webhook-signature"}) {
    Request other = webhook_example();
    other.headers[name].back() = 'x';
    CHECK(read(other)->fault == "the signature is wrong");
  }
  Request other = webhook_example();
  other.body = R"({"test": 2432232315})";
  CHECK(read(other)->fault == "the signature is wrong");
}

TEST_CASE("a webhook names its message, and a challenge is read") {
  Request request = webhook_example();
  request.headers["webhook-id"] = kId;
  request.body = R"({"type":"destination.challenge","data":{"challenge":"c-17"}})";
  CHECK(read(request)->messages == std::vector{Uuid::parse(kId)});
  CHECK(read(request)->challenge == "c-17");
  CHECK(read(webhook_example())->challenge.empty());
}

TEST_CASE("SendGrid's mails name their messages, and need the key") {
  CHECK(read(mail_request("Bearer SG.demo"))->fault.empty());
  CHECK(read(mail_request("Bearer SG.demo"))->messages == std::vector{Uuid::parse(kId)});
  CHECK(read(mail_request("Bearer SG.other"))->fault == "the key is another");
}

TEST_CASE("what is not JSON is a fault, and other paths are of no provider") {
  Request request = pusher_example();
  request.body = "{";
  CHECK(read(request)->fault == "the body is not JSON");
  CHECK(read(request)->messages == std::vector{std::optional<Uuid>()});
  request.target = "/apps/4/events";
  CHECK_FALSE(read(request).has_value());
}

TEST_CASE("a mail is named by its Message-ID") {
  CHECK(message_of_mail("From: a\r\nMessage-ID: <" + kId + "@b.c>\r\n\r\ntext") == Uuid::parse(kId));
  CHECK_FALSE(message_of_mail("From: a\r\n\r\ntext").has_value());
  CHECK_FALSE(message_of_mail("From: a\r\nMessage-ID: <x@b.c>\r\n").has_value());
}
