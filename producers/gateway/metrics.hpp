// The gateway's metrics, a row each.
#pragma once

#include "common/telemetry/metrics.hpp"

namespace weir::gateway {

using telemetry::MetricRow;
using telemetry::MetricType;

inline constexpr MetricRow kRequests{"weir_gateway_requests_total", MetricType::kCounter, "Requests answered, by route and status."};
inline constexpr MetricRow kRequestDuration{"weir_gateway_request_duration_seconds", MetricType::kHistogram,
                                            "Time from a request's last byte to its answer, by route."};
inline constexpr MetricRow kEvents{"weir_gateway_events_total", MetricType::kCounter, "Events answered, by status."};
inline constexpr MetricRow kKeyLookups{"weir_gateway_key_lookups_total", MetricType::kCounter, "API keys asked of Postgres, by result."};
inline constexpr MetricRow kInFlightBytes{"weir_gateway_in_flight_bytes", MetricType::kGauge,
                                          "Bytes of events that were handed to Kafka and are not acknowledged yet."};

}  // namespace weir::gateway
