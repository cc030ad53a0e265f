// The way of a request: credential → key or token → body → each event judged → Kafka → answer. It changes threads twice: to a thread of the
// key directory where the key must be looked up, and to Kafka's thread for the answer. A body is unpacked and read only once its publisher
// is known.
#include "producers/gateway/intake.hpp"

#include "producers/gateway/metrics.hpp"
#include "producers/gateway/unpack.hpp"

#include <fmt/format.h>

#include <atomic>
#include <map>
#include <utility>

namespace weir::gateway {

namespace {

constexpr Rate kLogRate{10, Seconds{10}};

}  // namespace

/// The thread that finishes the last item gives the answer. `left` counts one more while events are still being handed to Kafka.
struct Intake::Work {
  bool single = true;
  std::vector<ItemAnswer> items;
  std::atomic<std::size_t> left{1};
  http::Responder respond;
};

Intake::Intake(KeyDirectory& keys, TokenVerifier* tokens, Publisher& publisher, IntakeOptions options, const Clock& clock,
               telemetry::Log& log, telemetry::Metrics& metrics)
    : keys_(keys),
      tokens_(tokens),
      publisher_(publisher),
      options_(std::move(options)),
      clock_(clock),
      log_(log),
      metrics_(metrics),
      rates_(options_.max_buckets),
      strangers_({.rate = options_.stranger_rate, .max_buckets = options_.max_buckets}, clock),
      judge_(options_.judge, rates_) {
  // An alarm asks by how much a counter rose, and a series that is born with its first event has not risen.
  for (const char* status : {"202", "413", "422", "429", "503"}) static_cast<void>(metrics_.of(kEvents, {status}));
}

void Intake::take(http::Request request, http::Responder respond) {
  identify(std::move(request), std::move(respond), &Intake::publish_all);
}

void Intake::admit(http::Request request, http::Responder respond) { identify(std::move(request), std::move(respond), &Intake::invite); }

void Intake::identify(http::Request request, http::Responder respond, Next next) {
  const Credential credential = credential_of(request);
  if (const auto* why = std::get_if<std::string>(&credential)) return respond(strangers_.refuse(request.peer, *why));
  if (const auto* token = std::get_if<BearerToken>(&credential)) return with_token(request, token->text, respond, next);
  // Questions about guessed keys must not delay requests with real keys.
  if (keys_.busy()) {
    if (auto refused = strangers_.check(request.peer)) return respond(std::move(*refused));
  }
  const auto shared = std::make_shared<http::Request>(std::move(request));
  keys_.find(std::get<KeyHash>(credential),
             [this, shared, respond = std::move(respond), next](const KeyAnswer& answer) { with_key(*shared, answer, respond, next); });
}

void Intake::with_key(http::Request& request, const KeyAnswer& answer, const http::Responder& respond, Next next) {
  if (!answer.available) {
    return respond(answer_refusal(503, "keys_unavailable", "The API key cannot be checked now; send the request again."));
  }
  if (!answer.key) return respond(strangers_.refuse(request.peer, "This API key is not known."));
  const ApiKey& key = *answer.key;
  if (auto why = key_refusal(key, clock_.now())) return respond(strangers_.refuse(request.peer, std::move(*why)));
  (this->*next)(request, principal_of(key), respond);
}

void Intake::with_token(http::Request& request, const std::string& token, const http::Responder& respond, Next next) {
  if (tokens_ == nullptr) return respond(strangers_.refuse(request.peer, "This gateway takes no tokens, because it has no key set."));
  const auto identity = tokens_->verify(token);
  if (!identity) return respond(strangers_.refuse(request.peer, identity.error().why));
  (this->*next)(request, principal_of(*identity, options_.token_rights), respond);
}

void Intake::invite(http::Request&, const Principal&, const http::Responder& respond) {
  respond({.status = http::kContinue, .content_type = {}, .body = {}, .headers = {}});
}

void Intake::publish_all(http::Request& request, const Principal& publisher, const http::Responder& respond) {
  if (auto refused = unpack_body(request, options_.body.max_batch_bytes))
    return respond(answer_refusal({std::move(*refused), std::nullopt}));
  auto reader = readers_.borrow();
  auto body = split_body(request, *reader, options_.body);
  if (!body) return respond(answer_refusal({std::move(body).error(), std::nullopt}));

  auto work = std::make_shared<Work>();
  work->single = body->single;
  work->items.resize(body->events.size());
  work->respond = respond;
  std::vector<std::optional<events::Action>> actions(body->events.size());
  const Arrival arrival{clock_.now(), clock_.steady(), request.header("traceparent")};
  for (std::size_t index = 0; index < body->events.size(); ++index) {
    const SentEvent sent{body->events[index], body->attributes ? &*body->attributes : nullptr};
    auto judged = judge_.judge(sent, publisher, arrival, *reader);
    if (auto* refusal = std::get_if<Refusal>(&judged)) {
      work->items[index].refusal = std::move(*refusal);
      continue;
    }
    actions[index] = std::move(std::get<events::Action>(judged));
    work->items[index].id = actions[index]->id;
    work->items[index].source = actions[index]->source;
  }
  publish(work, std::move(actions));
}

void Intake::publish(const std::shared_ptr<Work>& work, std::vector<std::optional<events::Action>> actions) {
  std::optional<Refusal> stopped;
  for (std::size_t index = 0; index < actions.size(); ++index) {
    if (!actions[index]) continue;
    ItemAnswer& item = work->items[index];
    // Once an event was not taken, no later one is taken, so that the client can send them again in their order.
    if (stopped) {
      item.refusal = stopped;
      continue;
    }
    ++work->left;
    auto taken = publisher_.publish(*actions[index], [this, work, index](Result<void> delivered) {
      if (!delivered) work->items[index].refusal = not_taken(delivered.error());
      finish_one(work);
    });
    if (taken) continue;
    --work->left;
    item.refusal = stopped = not_taken(taken.error());
  }
  finish_one(work);
}

Refusal Intake::not_taken(const Fault& fault) {
  // While Kafka is away every event has the same fault, so one line a second is logged.
  if (rates_.take("log", kLogRate, clock_.steady()).allowed) log_.fault("event_not_taken", fault);
  if (fault.kind == FaultKind::kData) return {http::problem(413, "event_too_large", "The event is larger than Kafka takes."), std::nullopt};
  if (fault.kind == FaultKind::kKafkaQueueFull) {
    return {http::problem(503, "too_much_in_flight", "More events wait for Kafka than may; send it again later."), std::nullopt};
  }
  return {http::problem(503, "kafka_unavailable", "Kafka did not acknowledge the event; send it again, with the same id and source."),
          std::nullopt};
}

void Intake::finish_one(const std::shared_ptr<Work>& work) {
  if (--work->left > 0) return;
  std::map<int, std::size_t> statuses;
  for (const ItemAnswer& item : work->items) ++statuses[item.status()];
  for (const auto& [status, events] : statuses) metrics_.of(kEvents, {fmt::format_int(status).c_str()}).add(static_cast<double>(events));
  work->respond(work->single ? answer_event(work->items.front()) : answer_batch(work->items));
}

}  // namespace weir::gateway
