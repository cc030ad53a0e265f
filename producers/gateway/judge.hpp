// Whether one event is accepted, and if not, why: its size, its JSON, its schema, its time, what its key may do, how fast. No socket, no
// Kafka.
#pragma once

#include "common/events/action.hpp"
#include "common/http/problem.hpp"
#include "producers/gateway/api_key.hpp"
#include "producers/gateway/rate_table.hpp"
#include "producers/gateway/trace_ids.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace weir::gateway {

/// How an event was refused. `rate` where it came too fast.
struct Refusal {
  http::Problem problem;
  std::optional<RateDecision> rate;
};

struct JudgeOptions {
  std::size_t max_event_bytes = 0;
  std::map<std::string, Rate, std::less<>> type_rates;  // for each key and user
  Microseconds max_age{};                               // of an event's time, before now
  Microseconds max_future{};                            // of an event's time, after now
};

/// When a request came, and what it says for all of its events.
struct Arrival {
  Instant at;
  SteadyInstant steady_at;
  std::string_view traceparent;
};

class Judge {
 public:
  Judge(JudgeOptions options, RateTable& rates) : options_(std::move(options)), rates_(rates) {}

  /// The event with the organization of its key and a traceparent: its own, else the request's, else a new one.
  [[nodiscard]] std::variant<events::Action, Refusal> judge(std::string_view json, const ApiKey& key, const Arrival& arrival,
                                                            events::ActionReader& reader) const;

 private:
  [[nodiscard]] std::optional<Refusal> check_time(const events::Action& action, Instant now) const;
  [[nodiscard]] std::optional<Refusal> check_scope(const events::Action& action, const ApiKey& key) const;
  [[nodiscard]] std::optional<Refusal> check_rates(const events::Action& action, const ApiKey& key, SteadyInstant now) const;

  JudgeOptions options_;
  RateTable& rates_;
  mutable TraceIds trace_ids_;
};

/// Why this key is not accepted now: revoked or expired.
[[nodiscard]] std::optional<std::string> key_refusal(const ApiKey& key, Instant now);
/// W3C Trace Context: 00-<32 hex>-<16 hex>-<2 hex>, ids not all zero.
[[nodiscard]] bool is_traceparent(std::string_view text);

}  // namespace weir::gateway
