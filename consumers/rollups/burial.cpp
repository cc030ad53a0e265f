#include "consumers/rollups/burial.hpp"

#include "consumers/rollups/divergence_store.hpp"

#include <algorithm>

namespace weir::rollups {

namespace {

using postgres::Connection;
using postgres::Params;
using postgres::Row;
using postgres::Rows;
using runtime::Burial;

/// The images of a change, the older first; one row without an image where there is none. Times that no clock of this program holds are
/// null.
constexpr const char* kReadChange = R"(
WITH change AS (
  SELECT CASE WHEN jsonb_typeof(v -> 'payload') = 'object' THEN v -> 'payload' ELSE v END AS e
    FROM (SELECT convert_from($1, 'UTF8')::jsonb AS v) AS record
), image AS (
  SELECT e ->> 'op' AS op, (e -> 'source' ->> 'ts_ms')::bigint AS ts_ms, i.is_after, i.v ->> 'status' AS status,
         (i.v ->> 'id')::uuid AS id, (i.v ->> 'organization_id')::uuid AS organization_id, (i.v ->> 'agent_id')::uuid AS agent_id,
         coalesce(i.v ->> 'completed_at', i.v ->> 'updated_at')::timestamptz AS ended_at,
         (i.v ->> 'status_changed_at')::timestamptz AS status_changed_at
    FROM change LEFT JOIN LATERAL (VALUES (false, e -> 'before'), (true, e -> 'after')) AS i(is_after, v) ON jsonb_typeof(i.v) = 'object'
)
SELECT coalesce(op, ''), CASE WHEN ts_ms BETWEEN 0 AND 253402300799999 THEN ts_ms END, is_after, id, organization_id, agent_id,
       CASE WHEN status IN ('completed', 'failed', 'cancelled') AND ended_at BETWEEN '1970-01-01Z' AND '9999-12-30Z' THEN ended_at END,
       CASE WHEN status_changed_at BETWEEN '1970-01-01Z' AND '9999-12-30Z' THEN status_changed_at END
  FROM image
 ORDER BY is_after)";

struct Image {
  bool is_after = false;
  std::optional<Uuid> id;
  std::optional<OrganizationId> organization;
  std::optional<AgentId> agent;              // of an execution
  std::optional<Instant> ended_at;           // of an execution that ended
  std::optional<Instant> status_changed_at;  // of an agent
};

/// As far as it can be read without understanding it.
struct RawChange {
  std::string op;
  std::optional<Instant> recorded_at;
  std::vector<Image> images;
};

/// None where even Postgres cannot read it.
Result<std::optional<RawChange>> read_change(Connection& connection, std::string_view value) {
  WEIR_TRY(connection.script("SAVEPOINT dead_change"));
  const auto rows = connection.query("rollups_read_change", kReadChange, Params{}.add_bytes(value));
  if (!rows && rows.error().action() != Action::kDivide) return fail(rows.error());
  WEIR_TRY(connection.script(rows ? "RELEASE dead_change" : "ROLLBACK TO dead_change; RELEASE dead_change"));
  if (!rows) return std::optional<RawChange>{};
  RawChange change;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const Row row = (*rows)[i];
    change.op = row.get<std::string>(0);
    if (const auto ms = row.maybe<std::int64_t>(1)) change.recorded_at = from_unix_ms(*ms);
    if (row.is_null(2)) continue;
    change.images.push_back({row.get<bool>(2), row.maybe<Uuid>(3), row.maybe<OrganizationId>(4), row.maybe<AgentId>(5),
                             row.maybe<Instant>(6), row.maybe<Instant>(7)});
  }
  if (change.op.empty() || change.images.empty()) return std::optional<RawChange>{};
  return std::optional(std::move(change));
}

/// The window of an execution's image is not complete, if it is kept at all.
void note_window(const Image& image, Instant recorded_at, const TimeLimits& limits, Aftermath& aftermath) {
  if (!image.ended_at || judge_time(*image.ended_at, recorded_at, limits) != Timeliness::kFits) return;
  aftermath.windows.push_back({*image.organization, *image.agent, window_of(*image.ended_at)});
}

/// Whether the images tell which windows and whose row.
bool tells_all(const RawChange& change) {
  const bool has_after = change.images.back().is_after;
  return (has_after || change.op == "d") && std::all_of(change.images.begin(), change.images.end(),
                                                        [](const Image& image) { return image.id && image.organization && image.agent; });
}

void note_execution(const RawChange& change, Instant recorded_at, const TimeLimits& limits, Aftermath& aftermath) {
  for (const Image& image : change.images) note_window(image, recorded_at, limits, aftermath);
  // What the row counted for before stands in a window that says that it is not complete, and stays there; from the next change on the row
  // counts for what it is.
  const Instant last = std::max(change.images.back().ended_at.value_or(recorded_at), recorded_at + limits.max_future);
  aftermath.divergences.try_emplace(ExecutionId{*change.images.back().id}, Divergence{std::nullopt, last + limits.retention});
}

bool note_agent(const RawChange& change, Instant recorded_at, const TimeLimits& limits, Aftermath& aftermath) {
  for (const Image& image : change.images) {
    if (!image.id || !image.organization) return false;
    const bool is_plausible = image.is_after && image.status_changed_at &&
                              judge_time(*image.status_changed_at, recorded_at, limits) != Timeliness::kTooFarInFuture;
    const Instant from = is_plausible ? *image.status_changed_at : recorded_at;
    aftermath.agents.push_back({{*image.organization, AgentId{*image.id}}, from, retained_window(from, recorded_at, limits)});
  }
  return true;
}

/// Whether a record that its decoder refused may have been a change that counts. Without an op it was no change; and an execution with a
/// value that its column cannot hold (the path lies below an image) counts for nothing, whether it comes in or goes out.
bool leaves_doubt(const Burial& burial, Source source) {
  const std::string& path = burial.why->path;
  const bool is_of_image = path.find("/after/") != std::string::npos || path.find("/before/") != std::string::npos;
  return burial.why->reason != "not_an_envelope" && !(source == Source::kExecutions && is_of_image);
}

Result<void> note_unread(Connection& connection, const Burial& burial, Source source, const TimeLimits& limits, Instant now,
                         Aftermath& aftermath) {
  const runtime::Record& record = burial.event->record;
  const auto change = WEIR_TRY(read_change(connection, record.value.value_or("")));
  const Instant recorded_at = change && change->recorded_at ? *change->recorded_at : std::min(record.timestamp, now);
  const Instant until = recorded_at + limits.max_future;
  if (source == Source::kAgents) {
    if (!change || !note_agent(*change, recorded_at, limits, aftermath)) aftermath.known_from.raise(source, until);
    return {};
  }
  aftermath.beyond.raise(source, until);
  if (!change || !tells_all(*change)) {
    aftermath.known_from.raise(source, until);
  } else {
    note_execution(*change, recorded_at, limits, aftermath);
  }
  return {};
}

Result<void> leave_held(Connection& connection, std::string_view group, Aftermath& aftermath) {
  if (aftermath.divergences.empty()) return {};
  std::vector<ExecutionId> rows;
  for (const auto& [row, divergence] : aftermath.divergences) rows.push_back(row);
  for (const auto& [row, held] : WEIR_TRY(read_divergences(connection, group, rows))) {
    if (held->counted) aftermath.windows.push_back(held->counted->key);
    aftermath.divergences.erase(row);
  }
  return {};
}

}  // namespace

void note_death(const Fact& fact, Instant recorded_at, const TimeLimits& limits, Aftermath& aftermath) {
  const Instant until = recorded_at + limits.max_future;
  if (const auto effect = effect_of(fact)) {
    if (!effect->skipped.empty() && !effect->refusal) return;  // it would have done nothing
    aftermath.beyond.raise(Source::kExecutions, until);
    for (const auto& side : {effect->minus, effect->plus}) {
      if (side) aftermath.windows.push_back(side->key);
    }
    if (!fact.row) {
      aftermath.known_from.raise(Source::kExecutions, until);
    } else {
      const Instant kept_until = std::max(until + limits.retention, effect->diverges_until.value_or(until));
      aftermath.divergences.try_emplace(*fact.row, Divergence{effect->minus, kept_until});
    }
    aftermath.known_from.raise(Source::kExecutions, effect->incomplete_until);
  } else if (const auto* agent = std::get_if<AgentChange>(&fact.body)) {
    for (const AgentFact& one : agent->facts) aftermath.agents.push_back({one.key, one.tells_from(), one.unsettled_from});
  } else if (const auto* action = std::get_if<ActionFact>(&fact.body)) {
    aftermath.known_from.raise(Source::kActions, window_of(action->at) + kWindowLength);
  } else if (const auto* incomplete = std::get_if<Incomplete>(&fact.body)) {
    aftermath.known_from.raise(incomplete->source, incomplete->until);
  }
}

Result<Aftermath> aftermath_of(Connection& connection, std::string_view group, std::span<const Burial> burials, const SourceTopics& topics,
                               const TimeLimits& limits, Instant now) {
  Aftermath aftermath;
  for (const Burial& burial : burials) {
    const runtime::Event& event = *burial.event;
    const bool is_refused = burial.kind == "decode";  // by its decoder
    const Instant until = std::min(event.record.timestamp, now) + limits.max_future;
    if (event.decoded.payload) {
      note_death(event.as<Fact>(), event.decoded.recorded_at, limits, aftermath);
    } else if (event.record.topic == topics.executions || event.record.topic == topics.agents) {
      const Source source = event.record.topic == topics.executions ? Source::kExecutions : Source::kAgents;
      if (!is_refused || leaves_doubt(burial, source)) WEIR_TRY(note_unread(connection, burial, source, limits, now, aftermath));
    } else if (event.record.topic == topics.notices) {
      aftermath.known_from.raise(Source::kExecutions, until);
      aftermath.known_from.raise(Source::kAgents, until);
    } else if (event.record.topic == topics.actions && !is_refused) {
      aftermath.known_from.raise(Source::kActions, until);
    }
  }
  WEIR_TRY(leave_held(connection, group, aftermath));
  std::sort(aftermath.windows.begin(), aftermath.windows.end());
  aftermath.windows.erase(std::unique(aftermath.windows.begin(), aftermath.windows.end()), aftermath.windows.end());
  return aftermath;
}

}  // namespace weir::rollups
