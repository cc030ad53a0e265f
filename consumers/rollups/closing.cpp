// A step settles agents over a range of windows: then every agent has its rows, their uptime is that of the history, and they are final.
#include "consumers/rollups/closing.hpp"

#include "common/group_state/seen_events.hpp"
#include "consumers/rollups/agents_store.hpp"
#include "consumers/rollups/divergence_store.hpp"
#include "consumers/rollups/metrics_store.hpp"

#include <algorithm>

namespace weir::rollups {

namespace {

using postgres::Connection;
using postgres::CopyBuffer;
using postgres::Params;
using postgres::Rows;

/// The window at which closing begins where none was closed yet.
constexpr const char* kFirstWindow = R"(
SELECT least((SELECT min(settled_until) FROM weir.agent_lifetimes),
             (SELECT min(window_start) FROM public.agent_metrics WHERE NOT is_final),
             (SELECT min(window_start) FROM public.engagement_rollups WHERE NOT is_final)))";

constexpr const char* kUnsettled = R"(
SELECT organization_id, agent_id, settled_until, deleted_at
  FROM weir.agent_lifetimes
 WHERE settled_until < $1 AND (deleted_at IS NULL OR settled_until <= deleted_at)
 ORDER BY organization_id, agent_id
 LIMIT $2)";

constexpr const char* kLiving = "SELECT count(*) FROM weir.agent_lifetimes WHERE deleted_at IS NULL OR settled_until <= deleted_at";

constexpr const char* kSettledTable = R"(
CREATE TEMP TABLE IF NOT EXISTS weir_settled_in (
  organization_id uuid NOT NULL, agent_id uuid NOT NULL, window_start timestamptz NOT NULL,
  known_us bigint NOT NULL, up_us bigint NOT NULL, available_us bigint NOT NULL,
  uptime_percent double precision, availability_percent double precision, is_complete boolean NOT NULL) ON COMMIT DELETE ROWS;
TRUNCATE weir_settled_in)";

constexpr const char* kSettleRows = R"(
INSERT INTO public.agent_metrics AS m (organization_id, agent_id, window_start, known_us, up_us, available_us, uptime_percent,
                                       availability_percent, is_complete, is_final, updated_at)
SELECT organization_id, agent_id, window_start, known_us, up_us, available_us, uptime_percent, availability_percent, is_complete, true, $1
  FROM weir_settled_in
 ORDER BY organization_id, agent_id, window_start
ON CONFLICT (organization_id, agent_id, window_start) DO UPDATE
   SET known_us = excluded.known_us, up_us = excluded.up_us, available_us = excluded.available_us,
       uptime_percent = excluded.uptime_percent, availability_percent = excluded.availability_percent,
       is_complete = m.is_complete AND excluded.is_complete, is_final = true,
       version = m.version + 1, revision = m.revision + m.is_final::integer,
       corrected_at = CASE WHEN m.is_final THEN excluded.updated_at ELSE m.corrected_at END, updated_at = excluded.updated_at
 WHERE NOT m.is_final OR (m.is_complete AND NOT excluded.is_complete)
    OR (m.known_us, m.up_us, m.available_us) IS DISTINCT FROM (excluded.known_us, excluded.up_us, excluded.available_us))";

/// After a deletion that was learnt late: removes rows that only closing wrote, and removes the uptime of the others.
constexpr const char* kDropAfterDeletion = R"(
DELETE FROM public.agent_metrics m
 USING unnest($1, $2, $3) AS d(organization_id, agent_id, gone_from)
 WHERE m.organization_id = d.organization_id AND m.agent_id = d.agent_id AND m.window_start >= d.gone_from AND NOT m.touched)";
constexpr const char* kClearAfterDeletion = R"(
UPDATE public.agent_metrics m
   SET known_us = 0, up_us = 0, available_us = 0, uptime_percent = NULL, availability_percent = NULL,
       version = m.version + 1, revision = m.revision + m.is_final::integer,
       corrected_at = CASE WHEN m.is_final THEN $4 ELSE m.corrected_at END, updated_at = $4
  FROM unnest($1, $2, $3) AS d(organization_id, agent_id, gone_from)
 WHERE m.organization_id = d.organization_id AND m.agent_id = d.agent_id AND m.window_start >= d.gone_from AND m.known_us <> 0)";

constexpr const char* kMarkSettled = R"(
UPDATE weir.agent_lifetimes l
   SET settled_until = s.settled_until
  FROM unnest($1, $2, $3) AS s(organization_id, agent_id, settled_until)
 WHERE l.organization_id = s.organization_id AND l.agent_id = s.agent_id)";

constexpr const char* kFinalMetrics = R"(
UPDATE public.agent_metrics SET is_final = true, version = version + 1, updated_at = $2
 WHERE NOT is_final AND window_start < $1)";
constexpr const char* kFinalEngagement = R"(
UPDATE public.engagement_rollups SET is_final = true, version = version + 1, updated_at = $2
 WHERE NOT is_final AND window_start < $1)";

/// An agent whose windows in [from, to) are to be completed.
struct Unsettled {
  AgentKey key;
  Instant from{};
  Instant to{};
  std::optional<Instant> deleted_at;
};

Result<std::optional<Instant>> instant_of(Connection& connection, std::string_view name, const char* sql, const Params& params = {}) {
  const Rows rows = WEIR_TRY(connection.query(name, sql, params));
  if (rows.empty()) return std::nullopt;
  return rows[0].maybe<Instant>(0);
}

/// Agents that are not settled up to `until`; together at most `budget` windows, where there is one.
Result<std::vector<Unsettled>> read_unsettled(Connection& connection, Instant until, std::optional<std::int64_t> budget) {
  const std::int64_t limit = budget.value_or(std::numeric_limits<std::int64_t>::max());
  const Rows rows = WEIR_TRY(connection.query("rollups_unsettled", kUnsettled, Params{}.add(until).add(limit)));
  std::vector<Unsettled> out;
  std::int64_t left = limit;
  for (std::size_t i = 0; i < rows.size() && left > 0; ++i) {
    Unsettled agent{{rows[i].get<OrganizationId>(0), rows[i].get<AgentId>(1)}, rows[i].get<Instant>(2), until, rows[i].maybe<Instant>(3)};
    const std::int64_t windows = std::min<std::int64_t>(left, (agent.to - agent.from) / kWindowLength);
    agent.to = agent.from + windows * kWindowLength;
    left -= windows;
    out.push_back(agent);
  }
  return out;
}

void put_settled(CopyBuffer& copy, const AgentKey& key, Instant start, const Presence& presence, bool is_complete) {
  copy.begin_row(9);
  copy.uuid(key.organization.value);
  copy.uuid(key.agent.value);
  copy.instant(start);
  copy.int8(presence.known);
  copy.int8(presence.up);
  copy.int8(presence.available);
  copy.real8(presence.uptime_percent());
  copy.real8(presence.availability_percent());
  copy.boolean(is_complete);
}

Result<void> write_rows(Connection& connection, std::span<const Unsettled> agents, Instant from, Instant to, const KnownFrom& known_from,
                        Instant now) {
  std::vector<AgentKey> keys;
  for (const Unsettled& agent : agents) keys.push_back(agent.key);
  const Timelines timelines = WEIR_TRY(read_timelines(connection, keys, from, to));
  CopyBuffer copy;
  for (const Unsettled& agent : agents) {
    const StatusTimeline& timeline = timelines.at(agent.key);
    for (Instant start = agent.from; start < agent.to; start += kWindowLength) {
      const Instant end = start + kWindowLength;
      if (!timeline.lives_in(start, end)) continue;
      const bool is_complete = known_from.holds_metrics_of(start) && timeline.is_certain_in(start, end);
      put_settled(copy, agent.key, start, timeline.measure(start, end), is_complete);
    }
  }
  WEIR_TRY(connection.script(kSettledTable));
  WEIR_TRY(connection.copy_in("COPY weir_settled_in FROM STDIN (FORMAT binary)", copy));
  WEIR_TRY(connection.execute("rollups_settle_rows", kSettleRows, Params{}.add(now)));
  return {};
}

Result<void> clear_after_deletion(Connection& connection, std::span<const Unsettled> agents, Instant now) {
  std::vector<Uuid> organizations;
  std::vector<Uuid> ids;
  std::vector<Instant> gone_from;
  for (const Unsettled& agent : agents) {
    if (!agent.deleted_at) continue;
    organizations.push_back(agent.key.organization.value);
    ids.push_back(agent.key.agent.value);
    gone_from.push_back(window_from(*agent.deleted_at));
  }
  if (ids.empty()) return {};
  const auto keys = [&] { return Params{}.add_array(organizations).add_array(ids).add_array(gone_from); };
  WEIR_TRY(connection.execute("rollups_drop_after_deletion", kDropAfterDeletion, keys()));
  WEIR_TRY(connection.execute("rollups_clear_after_deletion", kClearAfterDeletion, keys().add(now)));
  return {};
}

Result<void> settle(Connection& connection, std::span<const Unsettled> agents, const KnownFrom& known_from, Instant now) {
  if (agents.empty()) return {};
  const auto earlier = [](const Unsettled& a, const Unsettled& b) { return a.from < b.from; };
  const auto ends_earlier = [](const Unsettled& a, const Unsettled& b) { return a.to < b.to; };
  const Instant from = std::min_element(agents.begin(), agents.end(), earlier)->from;
  const Instant to = std::max_element(agents.begin(), agents.end(), ends_earlier)->to;
  std::vector<Instant> days;
  for (Instant day = std::chrono::floor<std::chrono::days>(from); day < to; day += std::chrono::days{1}) days.push_back(day);
  WEIR_TRY(ensure_partitions(connection, days));
  WEIR_TRY(write_rows(connection, agents, from, to, known_from, now));
  WEIR_TRY(clear_after_deletion(connection, agents, now));
  std::vector<Uuid> organizations;
  std::vector<Uuid> ids;
  std::vector<Instant> until;
  for (const Unsettled& agent : agents) {
    organizations.push_back(agent.key.organization.value);
    ids.push_back(agent.key.agent.value);
    until.push_back(agent.to);
  }
  WEIR_TRY(connection.execute("rollups_mark_settled", kMarkSettled, Params{}.add_array(organizations).add_array(ids).add_array(until)));
  return {};
}

/// Closes the windows before `to`: all agents are settled up to it, then every row before it is final.
Result<void> close_until(Connection& connection, const ProgressStore& store, std::string_view group, const KnownFrom& known_from,
                         Instant to, Instant now) {
  const auto agents = WEIR_TRY(read_unsettled(connection, to, std::nullopt));
  WEIR_TRY(settle(connection, agents, known_from, now));
  WEIR_TRY(connection.execute("rollups_final_metrics", kFinalMetrics, Params{}.add(to).add(now)));
  WEIR_TRY(connection.execute("rollups_final_engagement", kFinalEngagement, Params{}.add(to).add(now)));
  WEIR_TRY(store.close_until(connection, to, now));
  WEIR_TRY(group_state::forget_events(connection, group));
  WEIR_TRY(forget_divergences(connection, group, to));
  const Instant tomorrow = to + std::chrono::days{1};
  return ensure_partitions(connection, std::array{to, tomorrow});
}

/// Up to where a step may close.
Result<Instant> end_of_step(Connection& connection, std::optional<Instant> closed, Instant due, const ClosingLimits& limits) {
  const auto first = closed ? closed : WEIR_TRY(instant_of(connection, "rollups_first_window", kFirstWindow));
  if (!first) return due;
  const Rows living = WEIR_TRY(connection.query("rollups_living", kLiving));
  const auto agents = std::max<std::int64_t>(1, living[0].get<std::int64_t>(0));
  const auto windows = std::max<std::int64_t>(1, limits.rows_a_step / agents);
  return std::min(due, window_of(*first) + windows * kWindowLength);
}

}  // namespace

Result<ClosingStep> close_windows(Connection& connection, const ProgressStore& store, std::string_view group,
                                  std::optional<Instant> watermark, const ClosingLimits& limits, Instant now) {
  const auto due_after = [&](const Progress& progress) -> std::optional<Instant> {
    if (!watermark) return std::nullopt;
    const Instant due = window_of(*watermark - limits.allowed_lateness);
    return progress.closed_until && due <= *progress.closed_until ? std::nullopt : std::optional(due);
  };
  const auto unsettled = [&](const Progress& progress) -> Result<std::vector<Unsettled>> {
    if (!progress.closed_until) return std::vector<Unsettled>{};
    return read_unsettled(connection, *progress.closed_until, limits.rows_a_step);
  };
  // Reads without the lock first, because mostly nothing is due and units of work need not be stopped.
  Progress progress = WEIR_TRY(store.read(connection));
  const bool idle = !due_after(progress) && !progress.unmarked_until && WEIR_TRY(unsettled(progress)).empty();
  if (idle) return ClosingStep{progress.closed_until, false};

  WEIR_TRY(store.lock_alone(connection));
  progress = WEIR_TRY(store.read(connection));
  if (const auto agents = WEIR_TRY(unsettled(progress)); !agents.empty()) {
    WEIR_TRY(settle(connection, agents, progress.known_from, now));
    return ClosingStep{progress.closed_until, true};
  }
  if (const auto due = due_after(progress)) {
    const Instant to = WEIR_TRY(end_of_step(connection, progress.closed_until, *due, limits));
    WEIR_TRY(close_until(connection, store, group, progress.known_from, to, now));
    return ClosingStep{to, to < *due || progress.unmarked_until};
  }
  WEIR_TRY(store.mark_incomplete(connection, progress, limits.rows_a_step, now));
  return ClosingStep{progress.closed_until, progress.unmarked_until.has_value()};
}

}  // namespace weir::rollups
