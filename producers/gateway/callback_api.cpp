#include "producers/gateway/callback_api.hpp"

#include "common/core/digest.hpp"
#include "common/core/json.hpp"
#include "common/events/confirmation_token.hpp"
#include "common/events/unsubscribe_token.hpp"
#include "producers/gateway/answers.hpp"

#include <simdjson.h>

#include <atomic>
#include <utility>

namespace weir::gateway {

namespace {

/// What a link in a mail says to the person who opens it.
struct LinkTexts {
  std::string_view title;
  std::string_view question;
  std::string_view button;
  std::string_view done;
};
constexpr LinkTexts kUnsubscribeTexts{"Unsubscribe", "Do you want no more messages of this kind?", "Unsubscribe", "You are unsubscribed."};
constexpr LinkTexts kConfirmTexts{"Confirm your address", "Do you want messages to be sent to the address at which you got this link?",
                                  "Confirm", "Your address is confirmed."};

/// No script, no other origin, and no address of the page in what the browser says elsewhere: the address is the right to do this.
http::Response page(const LinkTexts& texts, bool is_done) {
  http::Response response{.status = 200, .content_type = "text/html; charset=utf-8", .body = {}, .headers = {}};
  const std::string form = "<form method=\"post\"><button>" + std::string(texts.button) + "</button></form>";
  response.body = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"robots\" content=\"noindex\"><title>" +
                  std::string(texts.title) + "</title></head><body><p>" + std::string(is_done ? texts.done : texts.question) + "</p>" +
                  (is_done ? "" : form) + "</body></html>\n";
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

/// A link that somebody followed. The token goes along, so that its reader need not believe the topic's writers.
events::Action event_of(std::string_view source, std::string_view type, std::string_view token, Instant now) {
  events::Action action;
  action.id = hex(hmac_sha256("", token));
  action.source = source;
  action.type = type;
  action.time = now;
  return action;
}

std::optional<events::Action> unsubscription_of(std::span<const std::string> keys, std::string_view token, Instant now) {
  const auto wanted = events::read_unsubscribe_token(keys, token);
  if (!wanted) return std::nullopt;
  events::Action action = event_of("unsubscribe", "unsubscribe.requested", token, now);
  action.subject = wanted->channel;
  action.organization = wanted->organization;
  action.user = wanted->user;
  JsonWriter json(action.data);
  json.begin_object().member("channel", wanted->channel).member("template_group", wanted->template_group);
  json.member("token", token).end_object();
  return action;
}

/// None also where the link is too old.
std::optional<events::Action> confirmation_of(std::span<const std::string> keys, std::string_view token, Instant now) {
  const auto wanted = events::read_confirmation_token(keys, token);
  if (!wanted || wanted->expires_at <= now) return std::nullopt;
  events::Action action = event_of("confirmation", "destination.confirmed", token, now);
  action.subject = wanted->destination.text();
  action.organization = wanted->organization;
  JsonWriter(action.data).begin_object().member("destination", action.subject).member("token", token).end_object();
  return action;
}

}  // namespace

void CallbackApi::take(CallbackResource resource, const http::Request& request, const http::Responder& respond) {
  switch (resource) {
    case CallbackResource::kSendGrid:
      return take_sendgrid(request, respond);
    case CallbackResource::kUnsubscribe:
    case CallbackResource::kConfirm:
      return take_link(resource, request, respond);
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

void CallbackApi::take_link(CallbackResource resource, const http::Request& request, const http::Responder& respond) {
  const bool is_confirmation = resource == CallbackResource::kConfirm;
  const std::string_view token = std::string_view(request.path).substr((is_confirmation ? kConfirmPath : kUnsubscribePath).size());
  auto event = is_confirmation ? confirmation_of(options_.link_keys, token, clock_.now())
                               : unsubscription_of(options_.link_keys, token, clock_.now());
  if (!event) {
    if (auto refused = strangers_.check(request.peer)) return respond(std::move(*refused));
    return respond(answer_refusal(404, "not_found", "This link is not one of ours, not whole, or too old."));
  }
  const LinkTexts& texts = is_confirmation ? kConfirmTexts : kUnsubscribeTexts;
  if (request.method != "POST") return respond(page(texts, false));
  publish({std::move(*event)}, page(texts, true), respond);
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
