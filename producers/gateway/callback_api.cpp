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

/// A kind of link in mails: the page that it opens, and the event that the click on the page's button makes.
struct MailLink {
  std::string_view path;  // in front of the token
  std::string_view title;
  std::string_view question;
  std::string_view button;
  std::string_view done;
  /// Gives none where none of the keys made the token, or the link is too old.
  std::optional<events::Action> (*event_of)(std::span<const std::string> keys, std::string_view token, Instant now);
};

namespace {

/// The page has no script and nothing of another origin, and the browser tells its address to nobody, because the address alone lets
/// anybody press the button.
http::Response page(const MailLink& link, bool is_done) {
  http::Response response{.status = 200, .content_type = "text/html; charset=utf-8", .body = {}, .headers = {}};
  const std::string form = "<form method=\"post\"><button>" + std::string(link.button) + "</button></form>";
  response.body = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"robots\" content=\"noindex\"><title>" +
                  std::string(link.title) + "</title></head><body><p>" + std::string(is_done ? link.done : link.question) + "</p>" +
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

/// The event of a click, without what the token says.
events::Action click(std::string_view source, std::string_view type, std::string_view token, Instant now) {
  events::Action action;
  action.id = hex(hmac_sha256("", token));
  action.source = source;
  action.type = type;
  action.time = now;
  return action;
}

/// The data repeats the token, so that a reader verifies it and need not trust all who can write to the topic.
std::optional<events::Action> unsubscription_of(std::span<const std::string> keys, std::string_view token, Instant now) {
  const auto wanted = events::read_unsubscribe_token(keys, token);
  if (!wanted) return std::nullopt;
  events::Action action = click("unsubscribe", "unsubscribe.requested", token, now);
  action.subject = wanted->channel;
  action.organization = wanted->organization;
  action.user = wanted->user;
  JsonWriter json(action.data);
  json.begin_object().member("channel", wanted->channel).member("template_group", wanted->template_group);
  json.member("token", token).end_object();
  return action;
}

std::optional<events::Action> confirmation_of(std::span<const std::string> keys, std::string_view token, Instant now) {
  const auto wanted = events::read_confirmation_token(keys, token);
  if (!wanted || wanted->expires_at <= now) return std::nullopt;
  events::Action action = click("confirmation", "destination.confirmed", token, now);
  action.subject = wanted->destination.text();
  action.organization = wanted->organization;
  JsonWriter(action.data).begin_object().member("destination", action.subject).member("token", token).end_object();
  return action;
}

constexpr MailLink kUnsubscribeLink{.path = kUnsubscribePath,
                                    .title = "Unsubscribe",
                                    .question = "Do you want no more messages of this kind?",
                                    .button = "Unsubscribe",
                                    .done = "You are unsubscribed.",
                                    .event_of = unsubscription_of};
constexpr MailLink kConfirmLink{.path = kConfirmPath,
                                .title = "Confirm your address",
                                .question = "Do you want messages to be sent to the address at which you got this link?",
                                .button = "Confirm",
                                .done = "Your address is confirmed.",
                                .event_of = confirmation_of};

}  // namespace

void CallbackApi::take(CallbackResource resource, const http::Request& request, const http::Responder& respond) {
  switch (resource) {
    case CallbackResource::kSendGrid:
      return take_sendgrid(request, respond);
    case CallbackResource::kUnsubscribe:
      return take_link(kUnsubscribeLink, request, respond);
    case CallbackResource::kConfirm:
      return take_link(kConfirmLink, request, respond);
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

void CallbackApi::take_link(const MailLink& link, const http::Request& request, const http::Responder& respond) {
  const std::string_view token = std::string_view(request.path).substr(link.path.size());
  auto event = link.event_of(options_.link_keys, token, clock_.now());
  if (!event) {
    if (auto refused = strangers_.check(request.peer)) return respond(std::move(*refused));
    return respond(answer_refusal(404, "not_found", "This link is not one of ours, not whole, or too old."));
  }
  if (request.method != "POST") return respond(page(link, false));
  publish({std::move(*event)}, page(link, true), respond);
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
