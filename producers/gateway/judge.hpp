// Decides whether an event is accepted, by its size, its JSON, its schema, its time, the rights of its publisher and the rate limits. It
// uses neither a socket nor Kafka.
#pragma once

#include "common/events/action.hpp"
#include "common/http/problem.hpp"
#include "producers/gateway/principal.hpp"
#include "producers/gateway/rate_table.hpp"
#include "producers/gateway/trace_ids.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::gateway {

/// Why an event was refused. `rate` is set where it came too fast.
struct Refusal {
  http::Problem problem;
  std::optional<RateDecision> rate;
};

struct JudgeOptions {
  std::size_t max_event_bytes = 0;
  std::map<std::string, Rate, std::less<>> type_rates;  // for each publisher and user
  Microseconds max_age{};                               // of an event's time, before now
  Microseconds max_future{};                            // of an event's time, after now
};

/// An event as it was sent: one JSON document, or in binary mode its data beside its attributes.
struct SentEvent {
  std::string_view text;
  const std::vector<events::AttributeText>* attributes = nullptr;
};

/// When a request came, and the headers that apply to all of its events.
struct Arrival {
  Instant at;
  SteadyInstant steady_at;
  std::string_view traceparent;
};

class Judge {
 public:
  Judge(JudgeOptions options, RateTable& rates) : options_(std::move(options)), rates_(rates) {}

  /// Returns the event with the organization of its publisher, the user where that is the publisher, and a traceparent: the event's own,
  /// else the request's, else a new one.
  [[nodiscard]] std::variant<events::Action, Refusal> judge(const SentEvent& sent, const Principal& publisher, const Arrival& arrival,
                                                            events::ActionReader& reader) const;

 private:
  [[nodiscard]] std::optional<Refusal> check_time(const events::Action& action, Instant now) const;
  [[nodiscard]] std::optional<Refusal> check_rates(const events::Action& action, const Principal& publisher, SteadyInstant now) const;

  JudgeOptions options_;
  RateTable& rates_;
  mutable TraceIds trace_ids_;
};

/// Why this key is not accepted now: it is revoked, or it has expired.
[[nodiscard]] std::optional<std::string> key_refusal(const ApiKey& key, Instant now);
/// W3C Trace Context: 00-<32 hex>-<16 hex>-<2 hex>, ids not all zero.
[[nodiscard]] bool is_traceparent(std::string_view text);

}  // namespace weir::gateway
