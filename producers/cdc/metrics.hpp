// What weir cdc shows on /metrics: a row each.
#pragma once

#include "common/telemetry/metrics.hpp"

namespace weir::cdc {

using telemetry::MetricRow;
using telemetry::MetricType;

inline constexpr MetricRow kChanges{"weir_cdc_changes_total", MetricType::kCounter, "Changes published from the stream."};
inline constexpr MetricRow kSnapshotRows{"weir_cdc_snapshot_rows_total", MetricType::kCounter, "Rows published by snapshots."};
inline constexpr MetricRow kTransactions{"weir_cdc_transactions_total", MetricType::kCounter, "Source transactions published."};
inline constexpr MetricRow kParts{"weir_cdc_parts_total", MetricType::kCounter,
                                  "Kafka transactions that ended inside a source transaction, which was above max_transaction_events."};
inline constexpr MetricRow kOmitted{"weir_cdc_omitted_records_total", MetricType::kCounter,
                                    "Records that went out without their largest columns, because they were too large."};
inline constexpr MetricRow kSkipped{"weir_cdc_skipped_changes_total", MetricType::kCounter,
                                    "Changes in whose place a message went out, because an operator chose to leave them out."};
inline constexpr MetricRow kLeftOut{"weir_cdc_left_out_changes_total", MetricType::kCounter,
                                    "Changes of published tables that cdc.tables does not name."};
inline constexpr MetricRow kLeftOutTables{"weir_cdc_left_out_tables", MetricType::kGauge,
                                          "Published tables that cdc.tables does not name: their changes go nowhere."};
inline constexpr MetricRow kLackingTables{"weir_cdc_lacking_tables", MetricType::kGauge,
                                          "Tables of cdc.tables that the publication lacks: their changes are lost until it has them."};
inline constexpr MetricRow kUnsnapshottedTables{"weir_cdc_unsnapshotted_tables", MetricType::kGauge,
                                                "Published tables that no snapshot holds: what was in them before is not in their topics."};
inline constexpr MetricRow kCommitSeconds{"weir_cdc_commit_seconds", MetricType::kHistogram, "How long ending a Kafka transaction took."};
inline constexpr MetricRow kSourceToKafkaSeconds{"weir_cdc_source_to_kafka_seconds", MetricType::kHistogram,
                                                 "From the commit in the source to the commit in Kafka."};
inline constexpr MetricRow kRetainedBytes{"weir_cdc_slot_retained_bytes", MetricType::kGauge,
                                          "Write-ahead log that the server keeps for the slot."};
inline constexpr MetricRow kLagBytes{"weir_cdc_lag_bytes", MetricType::kGauge, "Write-ahead log that is written but not yet published."};
inline constexpr MetricRow kRestarts{"weir_cdc_restarts_total", MetricType::kCounter,
                                     "Times that the stream was taken again from the stored position, by fault."};

}  // namespace weir::cdc
