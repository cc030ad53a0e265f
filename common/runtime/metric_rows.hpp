// The runtime's metrics, one row each.
#pragma once

#include "common/telemetry/metrics.hpp"

namespace weir::runtime {

using telemetry::MetricRow;
using telemetry::MetricType;

inline constexpr MetricRow kEvents{"weir_events_total", MetricType::kCounter, "Events by topic and how they ended."};
inline constexpr MetricRow kBatchSeconds{"weir_batch_duration_seconds", MetricType::kHistogram,
                                         "From the begin to the commit of a unit of work."};
inline constexpr MetricRow kEndToEnd{"weir_end_to_end_seconds", MetricType::kHistogram,
                                     "From a record's time at its source to the commit of its result."};
inline constexpr MetricRow kLagRecords{"weir_consumer_lag_records", MetricType::kGauge,
                                       "Records between the position and the end of the log."};
inline constexpr MetricRow kLagSeconds{"weir_consumer_lag_seconds", MetricType::kGauge,
                                       "Age of the oldest record that was read and is not yet committed; 0 where there is none."};
inline constexpr MetricRow kDropped{"weir_records_dropped_total", MetricType::kCounter,
                                    "Records below the expected offset, already accounted for before."};
inline constexpr MetricRow kRetries{"weir_retries_total", MetricType::kCounter, "Units of work taken again, by fault."};
inline constexpr MetricRow kDivisions{"weir_divisions_total", MetricType::kCounter,
                                      "Units of work divided because Postgres refused one row."};
inline constexpr MetricRow kInDoubt{"weir_commits_in_doubt_total", MetricType::kCounter,
                                    "Commits whose answer was lost or refused, by what was found."};
inline constexpr MetricRow kParkedLetters{"weir_parked_letters", MetricType::kGauge,
                                          "Records that are parked until what they wait for is there."};
inline constexpr MetricRow kGapRecords{"weir_gap_records", MetricType::kGauge, "Size of a gap that waits for the operator."};

}  // namespace weir::runtime
