// Callbacks of SendGrid and links that unsubscribe: what becomes an event, and what is refused.
#include "producers/gateway/callback_api.hpp"

#include "common/core/base64.hpp"
#include "common/events/confirmation_token.hpp"
#include "common/events/unsubscribe_token.hpp"
#include "tests/unit/gateway/bench.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace gateway = weir::gateway;
namespace http = weir::http;
using weir::testing::contains;
using weir::testing::FakePublisher;
using weir::testing::header;

namespace {

const std::string kUnsubscribeKey(32, 'u');
const std::string kFormerKey(32, 'f');
const std::string kMessage = "55555555-2222-4333-8444-555555555555";

/// SendGrid's private half, as a test has it.
class Signer {
 public:
  Signer() : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free) {}
  [[nodiscard]] std::string public_key() const {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key_.get(), &der);
    std::string out = weir::base64({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    return out;
  }
  [[nodiscard]] std::string sign(const std::string& text) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    REQUIRE(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
    std::string signature(128, '\0');
    std::size_t size = signature.size();
    REQUIRE(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                           reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1);
    signature.resize(size);
    return weir::base64(signature);
  }

 private:
  std::shared_ptr<EVP_PKEY> key_;
};

struct Bench {
  Signer signer;
  weir::testing::ManualClock clock;
  FakePublisher publisher;
  gateway::Strangers strangers{{.rate = {2, std::chrono::minutes{1}}, .max_buckets = 10}, clock};
  gateway::CallbackApi api{{.sendgrid = *gateway::WebhookKey::read(signer.public_key()), .link_keys = {kUnsubscribeKey, kFormerKey}},
                           publisher,
                           strangers,
                           clock};

  http::Response ask(gateway::CallbackResource resource, http::Request request) {
    std::promise<http::Response> promise;
    api.take(resource, request, [&promise](http::Response response) { promise.set_value(std::move(response)); });
    return promise.get_future().get();
  }
  http::Response call_back(const std::string& body, const std::string& signed_text = {}) {
    http::Request request{
        .method = "POST", .path = "/v1/callbacks/sendgrid", .query = {}, .headers = {}, .body = body, .peer = "192.0.2.1"};
    request.headers = {{"x-twilio-email-event-webhook-timestamp", "1600112502"},
                       {"x-twilio-email-event-webhook-signature", signer.sign("1600112502" + (signed_text.empty() ? body : signed_text))}};
    return ask(gateway::CallbackResource::kSendGrid, std::move(request));
  }
  http::Response follow(gateway::CallbackResource resource, std::string path, std::string method, std::string body = "") {
    return ask(
        resource,
        {.method = std::move(method), .path = std::move(path), .query = {}, .headers = {}, .body = std::move(body), .peer = "192.0.2.1"});
  }
  http::Response unsubscribe(const std::string& token, std::string method = "POST") {
    return follow(gateway::CallbackResource::kUnsubscribe, "/v1/unsubscribe/" + token, std::move(method), "List-Unsubscribe=One-Click");
  }
  http::Response confirm(const std::string& token, std::string method = "POST") {
    return follow(gateway::CallbackResource::kConfirm, "/v1/confirm/" + token, std::move(method));
  }
  /// The token of an address, of which the link is good for an hour.
  [[nodiscard]] std::string confirmation(const std::string& key = kUnsubscribeKey) const {
    return weir::events::confirmation_token(key, {weir::OrganizationId{*weir::Uuid::parse(weir::testing::kTestOrganization)},
                                                  *weir::Uuid::parse(kMessage), 3, clock.now() + std::chrono::hours{1}});
  }
};

std::string event_of(const std::string& id, const std::string& message) {
  return R"({"event":"delivered","sg_event_id":")" + id + R"(","message_id":")" + message + "\"}";
}

std::string token_of(const std::string& key = kUnsubscribeKey) {
  return weir::events::unsubscribe_token(key, {weir::OrganizationId{*weir::Uuid::parse(weir::testing::kTestOrganization)},
                                               weir::UserId{*weir::Uuid::parse(weir::testing::kTestUser)}, "email", "task"});
}

}  // namespace

TEST_CASE("each event of a signed callback that names a message of weir's is one record under that message") {
  Bench bench;
  const std::string body = "[" + event_of("a", kMessage) + "," + event_of("b", kMessage) + R"(,{"event":"open","sg_event_id":"c"}])";
  CHECK(bench.call_back(body).status == 200);
  REQUIRE(bench.publisher.taken.size() == 2);
  const auto& first = bench.publisher.taken[0];
  CHECK(first.id == "a");
  CHECK(first.source == "sendgrid");
  CHECK(first.type == "sendgrid.event");
  CHECK(first.subject == kMessage);
  CHECK(first.data == event_of("a", kMessage));
  CHECK(weir::events::RecordView(first).key() == kMessage);
}

TEST_CASE("a callback that is not signed, or not over this body, is refused, and no JSON of it is read") {
  Bench bench;
  CHECK(bench.call_back("[" + event_of("a", kMessage) + "]", "[]").status == 401);
  CHECK(bench.call_back("{", "[").status == 401);
  CHECK(bench.call_back("[]", "{}").status == 429);  // a stranger's
  CHECK(bench.publisher.taken.empty());
}

TEST_CASE("a signed callback that is no array is 400, and one that Kafka did not take whole is 503, so that SendGrid sends it again") {
  Bench bench;
  CHECK(bench.call_back("{}").status == 400);
  bench.publisher.refused_call = 2;
  const auto lost = bench.call_back("[" + event_of("a", kMessage) + "," + event_of("b", kMessage) + "]");
  CHECK(lost.status == 503);
  CHECK(header(lost, "Retry-After") == "5");
}

TEST_CASE("a link that is opened shows a page and changes nothing; the click, or the mail program, unsubscribes") {
  Bench bench;
  const auto shown = bench.unsubscribe(token_of(), "GET");
  CHECK(shown.status == 200);
  CHECK(shown.content_type == "text/html; charset=utf-8");
  CHECK(contains(shown.body, "<form method=\"post\">"));
  CHECK(contains(header(shown, "Content-Security-Policy"), "default-src 'none'"));
  CHECK(header(shown, "Referrer-Policy") == "no-referrer");
  CHECK(bench.publisher.taken.empty());
  CHECK(bench.unsubscribe(token_of()).status == 200);
  REQUIRE(bench.publisher.taken.size() == 1);
  const auto& event = bench.publisher.taken[0];
  CHECK(event.type == "unsubscribe.requested");
  CHECK(event.organization->text() == weir::testing::kTestOrganization);
  CHECK(event.user->text() == weir::testing::kTestUser);
  CHECK(event.data == R"({"channel":"email","template_group":"task","token":")" + token_of() + "\"}");
}

TEST_CASE("links of the key before the present one still work, and those of no key are 404") {
  Bench bench;
  CHECK(bench.unsubscribe(token_of(kFormerKey)).status == 200);
  CHECK(bench.confirm(bench.confirmation(kFormerKey)).status == 200);
  CHECK(bench.publisher.taken.size() == 2);
  CHECK(bench.confirm(bench.confirmation(std::string(32, 'x'))).status == 404);
}

TEST_CASE("a link that confirms an address shows a page when it is opened, and confirms by the click") {
  Bench bench;
  const auto shown = bench.confirm(bench.confirmation(), "GET");
  CHECK(shown.status == 200);
  CHECK(contains(shown.body, "<form method=\"post\">"));
  CHECK(header(shown, "Referrer-Policy") == "no-referrer");
  CHECK(bench.publisher.taken.empty());
  CHECK(bench.confirm(bench.confirmation()).status == 200);
  REQUIRE(bench.publisher.taken.size() == 1);
  const auto& event = bench.publisher.taken[0];
  CHECK(event.type == "destination.confirmed");
  CHECK(event.organization->text() == weir::testing::kTestOrganization);
  CHECK(event.data == R"({"destination":")" + kMessage + R"(","token":")" + bench.confirmation() + "\"}");
  CHECK(weir::events::RecordView(event).key() == kMessage);
}

TEST_CASE("a link that confirms is good for its time, and one that unsubscribes confirms nothing") {
  Bench bench;
  const std::string token = bench.confirmation();
  CHECK(bench.confirm(token_of()).status == 404);
  bench.clock.advance(std::chrono::hours{1});
  CHECK(bench.confirm(token).status == 404);
  CHECK(bench.publisher.taken.empty());
}

TEST_CASE("a link that weir did not make is 404, and whoever guesses is soon told to wait") {
  Bench bench;
  CHECK(bench.unsubscribe(token_of(std::string(32, 'x'))).status == 404);
  CHECK(bench.unsubscribe("x", "GET").status == 404);
  CHECK(bench.unsubscribe("x").status == 429);
  CHECK(bench.publisher.taken.empty());
}

TEST_CASE("an unsubscription that Kafka did not take is 503") {
  Bench bench;
  bench.publisher.mode = FakePublisher::Mode::kLose;
  CHECK(bench.unsubscribe(token_of()).status == 503);
}

TEST_CASE("without keys neither is taken") {
  weir::testing::GatewayBench bench;
  http::Request request{.method = "POST", .path = "/v1/callbacks/sendgrid", .query = {}, .headers = {}, .body = "[]", .peer = "192.0.2.1"};
  CHECK(bench.ask(request).status == 401);
  request.path = "/v1/unsubscribe/" + token_of();
  CHECK(bench.ask(request).status == 404);
}
