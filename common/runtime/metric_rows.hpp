// The runtime's metrics, one row each.
#pragma once

#include "common/telemetry/metrics.hpp"

#include <array>
#include <string_view>

namespace weir::runtime {

using telemetry::Counter;
using telemetry::Gauge;
using telemetry::Histogram;
using telemetry::Metric;

inline constexpr Metric<Counter> kEvents{"weir_events_total", "Events by topic and how they ended.", {"topic", "outcome"}};
inline constexpr Metric<Counter> kReasons{
    "weir_event_reasons_total", "Events that ended in another way than done, by topic and reason.", {"topic", "outcome", "reason"}};
inline constexpr Metric<Histogram> kBatchSeconds{"weir_batch_duration_seconds",
                                                 "Time from the beginning to the commit of a unit of work's transaction.",
                                                 {"group"},
                                                 telemetry::kUpToAMinute};
inline constexpr Metric<Histogram> kEndToEnd{
    "weir_end_to_end_seconds", "Time from a record's own time to the commit of its result.", {"group"}, telemetry::kUpToADay};
inline constexpr Metric<Gauge> kLagRecords{
    "weir_consumer_lag_records", "Records between the position and the end of the log.", {"topic", "partition"}};
inline constexpr Metric<Gauge> kLagSeconds{"weir_consumer_lag_seconds",
                                           "Age of the oldest record that was read and is not yet committed; 0 where there is none.",
                                           {"topic", "partition"}};
inline constexpr Metric<Counter> kDropped{
    "weir_records_dropped_total", "Records below the expected offset, which were accounted for before.", {"topic"}};
inline constexpr Metric<Counter> kRetries{"weir_retries_total", "Units of work taken again, by fault.", {"fault"}};
inline constexpr Metric<Counter> kDivisions{"weir_divisions_total", "Units of work divided because Postgres refused one row."};
inline constexpr Metric<Counter> kInDoubt{
    "weir_commits_in_doubt_total", "Commits that were refused or whose answer was lost, by what Postgres then had.", {"found"}};
inline constexpr std::array<std::string_view, 3> kFound{"committed", "not_committed", "fenced"};
inline constexpr Metric<Gauge> kParkedLetters{
    "weir_parked_letters", "Records that are parked until what they wait for is there.", {"topic", "partition"}};
inline constexpr Metric<Gauge> kPaused{
    "weir_paused_partitions", "1 for each partition that an operator has paused: its lag grows by choice.", {"topic", "partition"}};
inline constexpr Metric<Gauge> kRefusedWakeups{
    "weir_refused_wakeups", "Times in a row that Postgres refused the wake-up for its data; 0: the last one succeeded.", {"group"}};
inline constexpr Metric<Gauge> kRefusedKeys{
    "weir_refused_keys",
    "Keys (organizations, users) that a wake-up goes on without, because Postgres refuses their data.",
    {"group", "wakeup"}};
inline constexpr Metric<Gauge> kGapRecords{
    "weir_gap_records", "Records in the gap for which a partition waits for the operator.", {"topic", "partition"}};

}  // namespace weir::runtime
