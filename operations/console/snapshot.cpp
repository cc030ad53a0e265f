// The JSON is made once a snapshot, whoever looks; tests/unit/console has an example.
#include "operations/console/snapshot.hpp"

#include "common/core/json_optional.hpp"
#include "operations/console/rates.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace weir::console {

namespace {

using operations::LagRow;

void time(JsonWriter& json, std::string_view name, const std::optional<Instant>& value) {
  json.name(name);
  value ? json.value(format_instant(*value)) : json.null();
}

/// Rates and lag of several partitions together.
void add_sums(JsonWriter& json, const std::vector<const LagRow*>& rows, const Rates& rates) {
  std::int64_t records = 0;
  double seconds = 0;
  bool knows_all = true;
  for (const LagRow* row : rows) {
    records += row->records;
    knows_all = knows_all && row->seconds.has_value();
    seconds = std::max(seconds, row->seconds.value_or(0));
  }
  member_or_null(json, "in_per_second", rates.in_of(rows));
  member_or_null(json, "out_per_second", rates.out_of(rows));
  json.member("lag_records", records).name("lag_seconds");
  knows_all ? json.value(seconds) : json.null();
}

bool is_paused(const Snapshot& now, const operations::PositionRow& at) {
  return std::any_of(now.pauses.begin(), now.pauses.end(),
                     [&at](const operations::PauseRow& row) { return row.covers(at.group, at.topic, at.partition); });
}

void add_partitions(JsonWriter& json, const Snapshot& now, const std::vector<const LagRow*>& rows) {
  json.name("partitions").begin_array();
  for (const LagRow* row : rows) {
    const operations::PositionRow& at = row->position;
    json.begin_object().member("topic", at.topic).member("partition", at.partition);
    member_or_null(json, "next_offset", at.next_offset);
    member_or_null(json, "log_end", row->log ? std::optional(row->log->end) : std::nullopt);
    json.member("lag_records", row->records);
    member_or_null(json, "lag_seconds", row->seconds);
    member_or_null(json, "owner", at.owner);
    json.member("epoch", at.epoch).member("paused", is_paused(now, at)).end_object();
  }
  json.end_array();
}

void add_members(JsonWriter& json, const std::vector<const LagRow*>& rows) {
  std::map<std::string, std::int64_t> members;
  for (const LagRow* row : rows) {
    if (row->position.owner && *row->position.owner != "gone") ++members[*row->position.owner];
  }
  json.name("members").begin_array();
  for (const auto& [owner, partitions] : members) json.begin_object().member("owner", owner).member("partitions", partitions).end_object();
  json.end_array();
}

void add_pauses(JsonWriter& json, const Snapshot& now, const std::string& group) {
  json.name("pauses").begin_array();
  for (const operations::PauseRow& row : now.pauses) {
    if (row.place.group != group) continue;
    json.begin_object();
    member_or_null(json, "topic", row.place.topic);
    member_or_null(json, "partition", row.place.partition ? std::optional<std::int64_t>(*row.place.partition) : std::nullopt);
    json.member("since", format_instant(row.since)).member("by", row.by).member("why", row.why).end_object();
  }
  json.end_array();
}

using ByName = std::map<std::string, std::vector<const LagRow*>>;

ByName grouped(const std::vector<const LagRow*>& rows, const std::function<const std::string&(const LagRow&)>& name) {
  ByName found;
  for (const LagRow* row : rows) found[name(*row)].push_back(row);
  return found;
}

void add_group_topics(JsonWriter& json, const std::vector<const LagRow*>& rows, const Rates& rates) {
  json.name("topics").begin_array();
  for (const auto& [topic, of_topic] : grouped(rows, [](const LagRow& row) -> const std::string& { return row.position.topic; })) {
    json.begin_object().member("topic", topic);
    add_sums(json, of_topic, rates);
    json.end_object();
  }
  json.end_array();
}

/// What is asked more seldom of a group.
void add_standing(JsonWriter& json, const Snapshot& now, const std::string& group) {
  const operations::GroupRow* found = nullptr;
  if (now.status) {
    for (const operations::GroupRow& row : now.status->groups) found = row.group == group ? &row : found;
  }
  const operations::GroupRow row = found != nullptr ? *found : operations::GroupRow{};
  json.name("outcomes").begin_object().member("done", row.done).member("skipped", row.skipped).member("re_sent", row.re_sent);
  json.member("dead", row.dead).member("parked", row.parked).end_object();
  json.member("letters", row.open_dead_letters).member("gaps", row.open_gaps);
  time(json, "watermark", row.watermark);
}

void add_group(JsonWriter& json, const Snapshot& now, const std::string& group, const std::vector<const LagRow*>& rows,
               const Rates& rates) {
  std::int64_t owned = 0;
  std::int64_t paused = 0;
  Instant updated_at{};
  for (const LagRow* row : rows) {
    if (row->position.owner && *row->position.owner != "gone") ++owned;
    if (is_paused(now, row->position)) ++paused;
    updated_at = std::max(updated_at, row->position.updated_at);
  }
  json.begin_object().member("group", group);
  add_sums(json, rows, rates);
  json.member("owned", owned).member("paused", paused);
  add_members(json, rows);
  add_pauses(json, now, group);
  add_group_topics(json, rows, rates);
  add_partitions(json, now, rows);
  add_standing(json, now, group);
  json.member("updated_at", format_instant(updated_at)).end_object();
}

/// A partition that several groups read is one of its topic.
void add_topics(JsonWriter& json, const std::vector<const LagRow*>& rows, const Rates& rates) {
  json.name("topics").begin_array();
  for (const auto& [topic, of_topic] : grouped(rows, [](const LagRow& row) -> const std::string& { return row.position.topic; })) {
    std::set<std::int32_t> seen;
    std::vector<const LagRow*> once;
    std::int64_t records = 0;
    for (const LagRow* row : of_topic) {
      if (!seen.insert(row->position.partition).second) continue;
      once.push_back(row);
      if (row->log) records += row->log->end;
    }
    json.begin_object().member("topic", topic).member("partitions", once.size());
    member_or_null(json, "in_per_second", rates.in_of(once));
    json.member("records", records).end_object();
  }
  json.end_array();
}

void add_gaps(JsonWriter& json, const Status& status) {
  json.name("gaps").begin_array();
  for (const operations::GapRow& gap : status.gaps) {
    json.begin_object().member("group", gap.group).member("topic", gap.topic).member("partition", gap.partition);
    json.member("kind", gap.kind).member("lost", gap.lost()).member("found_at", format_instant(gap.found_at)).end_object();
  }
  json.end_array().name("refused_wakeups").begin_array();
  // A key may be that of a user, and whoever reaches the console reads this without a login.
  for (const operations::RefusedWakeupRow& row : status.wakeups) {
    json.begin_object().member("group", row.group).member("wakeup", row.wakeup).member("key", row.key.empty() ? "" : "***");
    json.member("reason", row.reason).member("place", row.place).member("tries", row.tries).member("since", format_instant(row.since));
    json.member("next_try", format_instant(row.next_try)).end_object();
  }
  json.end_array();
}

void add_status(JsonWriter& json, const Status& status) {
  json.name("sources").begin_array();
  for (const operations::SlotRow& slot : status.slots) {
    json.begin_object().member("slot", slot.name).member("database", slot.database).member("active", slot.active);
    member_or_null(json, "retained_bytes", slot.retained_bytes);
    json.member("wal_status", slot.wal_status).end_object();
  }
  json.end_array();
  add_gaps(json, status);
  json.name("reasons").begin_array();
  for (const operations::ReasonRow& row : status.reasons) {
    json.begin_object().member("group", row.group).member("topic", row.topic).member("outcome", row.outcome);
    json.member("reason", row.reason).member("records", row.records).end_object();
  }
  json.end_array().name("alerts").begin_object().member("critical", status.critical_alerts).member("warning", status.warnings).end_object();
  json.name("notifications").begin_object().member("waiting", status.waiting_messages);
  json.member("resting_accounts", status.resting_accounts).end_object();
}

}  // namespace

std::string snapshot_json(std::uint64_t seq, const Snapshot& now, const Snapshot* before) {
  const Rates rates(now, before);
  std::vector<const LagRow*> rows;
  for (const LagRow& row : now.lag) rows.push_back(&row);
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("seq", seq).member("at", format_instant(now.at)).name("faults").begin_array();
  for (const KnownFault& fault : now.faults) {
    json.begin_object().member("source", fault.source).member("detail", fault.detail);
    json.member("since", format_instant(fault.since)).end_object();
  }
  json.end_array();
  add_topics(json, rows, rates);
  json.name("groups").begin_array();
  for (const auto& [group, of_group] : grouped(rows, [](const LagRow& row) -> const std::string& { return row.position.group; }))
    add_group(json, now, group, of_group, rates);
  json.end_array();
  add_status(json, now.status.value_or(Status{}));
  time(json, "status_at", now.status ? std::optional(now.status->at) : std::nullopt);
  json.end_object();
  return out;
}

}  // namespace weir::console
