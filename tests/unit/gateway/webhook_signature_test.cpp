// The signature of SendGrid's Event Webhook, by the example of SendGrid's own helper libraries.
#include "tests/unit/gateway/sendgrid_example.hpp"

#include "producers/gateway/webhook_signature.hpp"

#include <doctest/doctest.h>

#include <string>

using weir::gateway::WebhookKey;
using namespace weir::testing;

TEST_CASE("the example of SendGrid's helper libraries is verified, and nothing that differs from it") {
  const auto key = WebhookKey::read(kSendGridKey);
  REQUIRE(key.has_value());
  const std::string body(kSendGridBody);
  CHECK(key->verifies(kSendGridTimestamp, body, kSendGridSignature));
  CHECK_FALSE(key->verifies("1600112503", body, kSendGridSignature));
  CHECK_FALSE(key->verifies("", std::string(kSendGridTimestamp) + body, kSendGridSignature));
  CHECK_FALSE(key->verifies(kSendGridTimestamp, body + " ", kSendGridSignature));
  CHECK_FALSE(key->verifies(kSendGridTimestamp, body, ""));
  CHECK_FALSE(key->verifies(kSendGridTimestamp, body, "MEUCIGHQ"));
}

TEST_CASE("a text that is no key of P-256 is refused") {
  for (const char* text : {"", "x", "MEUCIGHQ", "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="}) {
    const auto key = WebhookKey::read(text);
    REQUIRE_FALSE(key.has_value());
    CHECK(key.error().kind == weir::FaultKind::kConfiguration);
  }
}
