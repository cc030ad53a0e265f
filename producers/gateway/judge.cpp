// The rules for an event, in the order in which a client can mend their faults.
#include "producers/gateway/judge.hpp"

#include <simdjson.h>

#include <fmt/format.h>

namespace weir::gateway {

namespace {

Refusal refuse(int status, std::string code, std::string detail) {
  return {.problem = http::problem(status, std::move(code), std::move(detail)), .rate = {}};
}

Refusal refuse_at(int status, std::string code, std::string pointer, std::string detail) {
  Refusal refusal = refuse(status, std::move(code), std::move(detail));
  refusal.problem.pointer = std::move(pointer);
  refusal.problem.has_pointer = true;
  return refusal;
}

Refusal too_fast(const RateDecision& decision, std::string detail) {
  Refusal refusal = refuse(429, "too_fast", std::move(detail));
  refusal.rate = decision;
  return refusal;
}

std::optional<Refusal> check_scope(const events::Action& action, const Principal& publisher) {
  if (!publisher.allows(action.type)) {
    return refuse_at(403, "type_not_allowed", "/type",
                     fmt::format("This {} may not publish events of type {}.", publisher.credential(), action.type));
  }
  if (action.organization && *action.organization != publisher.organization) {
    return refuse_at(403, "other_organization", "/organizationid",
                     fmt::format("The event names another organization than the {}'s; leave organizationid out.", publisher.credential()));
  }
  return std::nullopt;
}

/// The receiver of a notification.requested, whose data has passed its schema.
std::optional<Uuid> receiver_of(const std::string& data) {
  simdjson::dom::parser parser;
  std::string_view user;
  if (parser.parse(data).at_key("user_id").get_string().get(user) != simdjson::SUCCESS) return std::nullopt;
  return Uuid::parse(user);
}

/// A token speaks for its user alone.
std::optional<Refusal> check_user(const events::Action& action, const Principal& publisher) {
  if (!publisher.user) return std::nullopt;
  if (action.user && *action.user != *publisher.user) {
    return refuse_at(403, "other_user", "/userid", "The event names another user than the token's; leave userid out.");
  }
  if (action.type == "notification.requested" && receiver_of(action.data) != publisher.user->value) {
    return refuse_at(403, "other_user", "/data/user_id", "With a token a message can be requested to the token's user alone.");
  }
  return std::nullopt;
}

bool is_hex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }
bool is_zero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

}  // namespace

std::variant<events::Action, Refusal> Judge::judge(const SentEvent& sent, const Principal& publisher, const Arrival& arrival,
                                                   events::ActionReader& reader) const {
  if (sent.text.size() > options_.max_event_bytes) {
    return refuse(413, "event_too_large",
                  fmt::format("An event holds at most {} bytes; this one has {}.", options_.max_event_bytes, sent.text.size()));
  }
  auto read = sent.attributes != nullptr ? reader.read_binary(*sent.attributes, sent.text) : reader.read_json(sent.text);
  if (!read) {
    events::ActionFault& fault = read.error();
    return refuse_at(fault.malformed ? 400 : 422, std::move(fault.reason), std::move(fault.pointer), std::move(fault.message));
  }
  events::Action& action = *read;
  if (auto refusal = check_time(action, arrival.at)) return std::move(*refusal);
  if (auto refusal = check_scope(action, publisher)) return std::move(*refusal);
  if (auto refusal = check_user(action, publisher)) return std::move(*refusal);
  if (auto refusal = check_rates(action, publisher, arrival.steady_at)) return std::move(*refusal);
  action.organization = publisher.organization;
  if (publisher.user) action.user = publisher.user;
  if (!is_traceparent(action.traceparent)) {
    action.traceparent = is_traceparent(arrival.traceparent) ? std::string(arrival.traceparent) : trace_ids_.next();
  }
  return std::move(action);
}

std::optional<Refusal> Judge::check_time(const events::Action& action, Instant now) const {
  if (action.time < now - options_.max_age) {
    return refuse_at(
        422, "too_old", "/time",
        fmt::format("The event happened more than {} before now, and would count nowhere.", format_duration(options_.max_age)));
  }
  if (action.time > now + options_.max_future) {
    return refuse_at(422, "too_far_in_future", "/time",
                     fmt::format("The event's time is more than {} after now; is the clock that it came from right?",
                                 format_duration(options_.max_future)));
  }
  return std::nullopt;
}

std::optional<Refusal> Judge::check_rates(const events::Action& action, const Principal& publisher, SteadyInstant now) const {
  const auto type_rate = options_.type_rates.find(action.type);
  if (type_rate != options_.type_rates.end()) {
    const auto& named = publisher.user ? publisher.user : action.user;
    const std::string user = named ? named->text() : std::string{};
    const auto decision = rates_.take(fmt::format("type:{}:{}:{}", publisher.name, user, action.type), type_rate->second, now);
    if (!decision.allowed) {
      return too_fast(decision,
                      fmt::format("Events of type {} are accepted {} times a minute for each user.", action.type, decision.rate.events));
    }
  }
  const auto decision = rates_.take("publisher:" + publisher.name, publisher.rate, now);
  if (decision.allowed) return std::nullopt;
  return too_fast(decision, fmt::format("This {} may publish {} events an hour.", publisher.credential(), decision.rate.events));
}

std::optional<std::string> key_refusal(const ApiKey& key, Instant now) {
  if (key.revoked_at) return "This API key was revoked.";
  if (key.expires_at && *key.expires_at <= now) return "This API key expired at " + format_instant(*key.expires_at) + ".";
  return std::nullopt;
}

bool is_traceparent(std::string_view text) {
  if (text.size() != 55 || !text.starts_with("00-") || text[35] != '-' || text[52] != '-') return false;
  const std::string_view trace = text.substr(3, 32);
  const std::string_view parent = text.substr(36, 16);
  return is_hex(trace) && is_hex(parent) && is_hex(text.substr(53)) && !is_zero(trace) && !is_zero(parent);
}

}  // namespace weir::gateway
