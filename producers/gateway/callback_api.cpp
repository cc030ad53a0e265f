#include "producers/gateway/callback_api.hpp"

#include "common/core/digest.hpp"
#include "common/core/json.hpp"
#include "common/events/unsubscribe_token.hpp"
#include "producers/gateway/answers.hpp"

#include <simdjson.h>

#include <atomic>
#include <utility>

namespace weir::gateway {

namespace {

/// No script, no other origin, and no address of the page in what the browser says elsewhere: the address is the right to unsubscribe.
http::Response page(std::string_view text, std::string_view form = {}) {
  http::Response response{.status = 200, .content_type = "text/html; charset=utf-8", .body = {}, .headers = {}};
  response.body =
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"robots\" content=\"noindex\">"
      "<title>Unsubscribe</title></head><body><p>" +
      std::string(text) + "</p>" + std::string(form) + "</body></html>\n";
  response.headers = {{"Cache-Control", "no-store"},
                      {"Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'"},
                      {"Referrer-Policy", "no-referrer"}};
  return response;
}

/// An event of SendGrid's that names a message of weir's; none: it is about another mail.
std::optional<events::Action> callback_of(std::string_view json, Instant now, simdjson::dom::parser& parser) {
  simdjson::dom::element event;
  std::string_view message;
  if (parser.parse(json.data(), json.size()).get(event) != simdjson::SUCCESS) return std::nullopt;
  if (event["message_id"].get_string().get(message) != simdjson::SUCCESS || !Uuid::parse(message)) return std::nullopt;
  events::Action action;
  std::string_view id;
  action.id = event["sg_event_id"].get_string().get(id) == simdjson::SUCCESS && !id.empty() ? std::string(id) : hex(hmac_sha256("", json));
  action.source = "sendgrid";
  action.type = "sendgrid.event";
  action.subject = message;
  action.time = now;
  action.data = json;
  return action;
}

events::Action event_of(const events::Unsubscription& unsubscription, std::string_view token, Instant now) {
  events::Action action;
  action.id = hex(hmac_sha256("", token));
  action.source = "unsubscribe";
  action.type = "unsubscribe.requested";
  action.subject = unsubscription.channel;
  action.time = now;
  action.organization = unsubscription.organization;
  action.user = unsubscription.user;
  JsonWriter json(action.data);
  json.begin_object().member("channel", unsubscription.channel).member("template_group", unsubscription.template_group).end_object();
  return action;
}

}  // namespace

void CallbackApi::take(CallbackResource resource, const http::Request& request, const http::Responder& respond) {
  switch (resource) {
    case CallbackResource::kSendGrid:
      return take_sendgrid(request, respond);
    case CallbackResource::kUnsubscribe:
      return take_unsubscription(request, respond);
  }
}

void CallbackApi::take_sendgrid(const http::Request& request, const http::Responder& respond) {
  if (!options_.sendgrid)
    return respond(strangers_.refuse(request.peer, "This gateway takes no callbacks of SendGrid: it has no key of theirs."));
  const bool is_signed = options_.sendgrid->verifies(request.header("x-twilio-email-event-webhook-timestamp"), request.body,
                                                     request.header("x-twilio-email-event-webhook-signature"));
  if (!is_signed) return respond(strangers_.refuse(request.peer, "The signature is not SendGrid's over this body."));
  auto reader = readers_.borrow();
  const auto elements = (*reader).split_array(request.body);
  if (!elements) return respond(answer_refusal(400, elements.error().reason, elements.error().message));
  std::vector<events::Action> reports;
  simdjson::dom::parser parser;
  for (const std::string_view element : *elements) {
    if (auto report = callback_of(element, clock_.now(), parser)) reports.push_back(std::move(*report));
  }
  publish(reports, {.status = 200, .content_type = {}, .body = {}, .headers = {}}, respond);
}

void CallbackApi::take_unsubscription(const http::Request& request, const http::Responder& respond) {
  const std::string_view token = std::string_view(request.path).substr(kUnsubscribePath.size());
  const auto wanted = options_.unsubscribe_key.empty() ? std::nullopt : events::read_unsubscribe_token(options_.unsubscribe_key, token);
  if (!wanted) {
    if (auto refused = strangers_.check(request.peer)) return respond(std::move(*refused));
    return respond(answer_refusal(404, "not_found", "This link is not one of ours, or not whole."));
  }
  if (request.method != "POST") {
    return respond(page("Do you want no more messages of this kind?", "<form method=\"post\"><button>Unsubscribe</button></form>"));
  }
  publish({event_of(*wanted, token, clock_.now())}, page("You are unsubscribed."), respond);
}

void CallbackApi::publish(const std::vector<events::Action>& reports, http::Response done, const http::Responder& respond) {
  struct Work {
    std::atomic<std::size_t> left;
    std::atomic<bool> lost{false};
    http::Response done;
    http::Responder respond;
    void finish_one() {
      if (--left > 0) return;
      respond(lost ? answer_refusal(503, "kafka_unavailable", "Kafka did not acknowledge all of it; send it again.") : std::move(done));
    }
  };
  const auto work = std::make_shared<Work>();
  work->left = reports.size() + 1;
  work->done = std::move(done);
  work->respond = respond;
  for (events::Action action : reports) {
    action.traceparent = trace_ids_.next();
    const auto taken = publisher_.publish(action, [work](const Result<void>& delivered) {
      if (!delivered) work->lost = true;
      work->finish_one();
    });
    if (taken) continue;
    work->lost = true;
    work->finish_one();
  }
  work->finish_one();
}

}  // namespace weir::gateway
