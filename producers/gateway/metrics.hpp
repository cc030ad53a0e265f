// The gateway's metrics, one row each.
#pragma once

#include "common/telemetry/metrics.hpp"

namespace weir::gateway {

using telemetry::Counter;
using telemetry::Gauge;
using telemetry::Histogram;
using telemetry::Metric;

inline constexpr Metric<Counter> kRequests{"weir_gateway_requests_total", "Requests answered, by route and status.", {"route", "status"}};
inline constexpr Metric<Histogram> kRequestDuration{"weir_gateway_request_duration_seconds",
                                                    "Time from a request's last byte to its answer, by route.",
                                                    {"route"},
                                                    telemetry::kUpToAMinute};
inline constexpr Metric<Counter> kEvents{"weir_gateway_events_total", "Events answered, by status.", {"status"}};
inline constexpr Metric<Counter> kKeyLookups{
    "weir_gateway_key_lookups_total", "Questions to Postgres for an API key, by result.", {"result"}};
inline constexpr Metric<Gauge> kInFlightBytes{"weir_gateway_in_flight_bytes",
                                              "Bytes of events that were handed to Kafka and are not acknowledged yet."};

inline constexpr Metric<Gauge> kStreams{"weir_gateway_streams", "Open streams of messages."};
inline constexpr Metric<Counter> kStreamsEnded{
    "weir_gateway_streams_ended_total", "Streams that ended, by reason: expired, client_left, too_slow, stopped.", {"reason"}};
inline constexpr Metric<Counter> kStreamEvents{"weir_gateway_stream_events_total", "Messages that streams have sent."};

}  // namespace weir::gateway
