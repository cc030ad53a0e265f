#include "operations/commands/lag.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace weir::operations {

namespace {

std::int64_t waits_from(const LagRow& row) { return std::max(row.position.next_offset.value_or(row.log->begin), row.log->begin); }

void add_records(kafka::LogProbe& probe, Lag& lag) {
  std::set<kafka::LogPlace> places;
  for (const LagRow& row : lag.rows) places.insert({row.position.topic, row.position.partition});
  const auto ranges = probe.ranges({places.begin(), places.end()});
  for (LagRow& row : lag.rows) {
    const auto& range = ranges.at({row.position.topic, row.position.partition});
    if (!range) {
      if (!lag.fault || lag.fault->kind == FaultKind::kKafkaUnknownTopic) lag.fault = range.error();
      continue;
    }
    row.log = *range;
    row.records = std::max<std::int64_t>(0, row.log->end - waits_from(row));
    if (row.records == 0) row.seconds = 0;
  }
}

/// A group at a time: two groups may wait at different records of one partition.
void add_ages(kafka::LogProbe& probe, Lag& lag, const std::vector<LagRow*>& of_group, const Clock& clock) {
  std::map<kafka::LogPlace, std::int64_t> waiting;
  for (const LagRow* row : of_group) waiting[{row->position.topic, row->position.partition}] = waits_from(*row);
  const auto times = probe.first_times(waiting);
  if (!times) {
    if (!lag.fault) lag.fault = times.error();
    return;
  }
  const Instant now = clock.now();
  for (LagRow* row : of_group) {
    const auto written = times->find({row->position.topic, row->position.partition});
    if (written == times->end()) continue;
    row->seconds = std::max(0.0, std::chrono::duration<double>(now - from_unix_ms(written->second)).count());
  }
}

}  // namespace

Lag lag_of(kafka::LogProbe& probe, const std::vector<PositionRow>& positions, const Clock& clock) {
  Lag lag;
  for (const PositionRow& position : positions) lag.rows.push_back({position, std::nullopt, 0, std::nullopt});
  add_records(probe, lag);
  std::map<std::string, std::vector<LagRow*>> waiting;
  for (LagRow& row : lag.rows) {
    if (row.records > 0) waiting[row.position.group].push_back(&row);
  }
  for (const auto& [group, rows] : waiting) add_ages(probe, lag, rows, clock);
  return lag;
}

}  // namespace weir::operations
