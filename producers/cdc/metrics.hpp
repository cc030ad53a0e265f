// The metrics of weir cdc, one row each.
#pragma once

#include "common/telemetry/metrics.hpp"

namespace weir::cdc {

using telemetry::Counter;
using telemetry::Gauge;
using telemetry::Histogram;
using telemetry::Metric;

inline constexpr Metric<Counter> kChanges{"weir_cdc_changes_total", "Changes published from the stream."};
inline constexpr Metric<Counter> kSnapshotRows{"weir_cdc_snapshot_rows_total", "Rows published by snapshots."};
inline constexpr Metric<Counter> kTransactions{"weir_cdc_transactions_total", "Source transactions published."};
inline constexpr Metric<Counter> kParts{
    "weir_cdc_parts_total", "Kafka transactions that ended inside a source transaction, which was above max_transaction_events."};
inline constexpr Metric<Counter> kOmitted{"weir_cdc_omitted_records_total",
                                          "Records that went out without their largest columns, because they were too large."};
inline constexpr Metric<Counter> kSkipped{"weir_cdc_skipped_changes_total",
                                          "Changes in whose place a message went out, because an operator chose to leave them out."};
inline constexpr Metric<Counter> kLeftOut{"weir_cdc_left_out_changes_total", "Changes of published tables that cdc.tables does not name."};
inline constexpr Metric<Gauge> kLeftOutTables{"weir_cdc_left_out_tables",
                                              "Published tables that cdc.tables does not name, so that their changes are left out."};
inline constexpr Metric<Gauge> kLackingTables{
    "weir_cdc_lacking_tables",
    "Tables whose changes are lost: the publication lacks a table of cdc.tables, or its topic is that of another table."};
inline constexpr Metric<Gauge> kUnsnapshottedTables{
    "weir_cdc_unsnapshotted_tables", "Published tables that no snapshot holds, so that their former rows are not in their topics."};
inline constexpr Metric<Counter> kLeftOutEvents{
    "weir_cdc_outbox_left_out_events_total",
    "Events of the outbox that are left out because their type is not published; their rows stay."};
inline constexpr Metric<Gauge> kUndeletedEvents{"weir_cdc_outbox_undeleted_rows",
                                                "Rows of the outbox whose events are published and that are still to be deleted."};
inline constexpr Metric<Histogram> kCommitSeconds{
    "weir_cdc_commit_seconds", "Time that the commit of a Kafka transaction took.", {}, telemetry::kUpToAMinute};
inline constexpr Metric<Histogram> kSourceToKafkaSeconds{
    "weir_cdc_source_to_kafka_seconds", "Time from the commit in the source to the commit in Kafka.", {}, telemetry::kUpToADay};
inline constexpr Metric<Gauge> kRetainedBytes{"weir_cdc_slot_retained_bytes", "Write-ahead log that the server keeps for the slot."};
inline constexpr Metric<Gauge> kLagBytes{"weir_cdc_lag_bytes", "Write-ahead log that is written but not yet published."};
inline constexpr Metric<Counter> kRestarts{
    "weir_cdc_restarts_total", "How often the stream began again from the stored position, by fault.", {"fault"}};

}  // namespace weir::cdc
