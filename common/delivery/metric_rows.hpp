// The metrics of deliveries, one row each.
#pragma once

#include "common/telemetry/metrics.hpp"

namespace weir::delivery {

using telemetry::Counter;
using telemetry::Gauge;
using telemetry::Histogram;
using telemetry::Metric;

inline constexpr Metric<Counter> kAttempts{
    "weir_delivery_attempts_total", "Attempts to deliver a job, by provider and verdict.", {"provider", "verdict"}};
inline constexpr Metric<Counter> kRepeats{
    "weir_delivery_repeats_total", "Calls for a job whose attempt before has no recorded answer.", {"provider"}};
inline constexpr Metric<Counter> kStaleReports{
    "weir_delivery_stale_reports_total", "Endings that were not written, because another claim had taken the row over.", {"queue"}};
inline constexpr Metric<Counter> kCalls{"weir_delivery_calls_total",
                                        "Calls by account and by what they say of it: works, fails, wait (it asked to be left alone).",
                                        {"account", "outcome"}};
inline constexpr Metric<Histogram> kCallSeconds{
    "weir_delivery_call_seconds", "From the begin of a call to its ending, by account.", {"account"}, telemetry::kUpToAMinute};
inline constexpr Metric<Gauge> kCallsInFlight{
    "weir_delivery_calls_in_flight", "Calls that have begun and not ended, by account.", {"account"}};
inline constexpr Metric<Gauge> kAccountStates{
    "weir_delivery_accounts",
    "Accounts by state, as this process has seen them: works, waits (it asked to be left alone), open (its breaker, after failures in a "
    "row), probed (a single call tells whether it works again).",
    {"account", "state"}};
inline constexpr Metric<Gauge> kJobsInHand{"weir_delivery_jobs_in_hand", "Jobs that were claimed and are not yet reported.", {"channel"}};
inline constexpr Metric<Gauge> kAccountsAtRest{
    "weir_delivery_accounts_at_rest", "Accounts that are not called, because they failed or asked to wait.", {"queue"}};
inline constexpr Metric<Counter> kQueueFaults{"weir_delivery_queue_faults_total", "Claims and reports that failed, by fault.", {"fault"}};

}  // namespace weir::delivery
