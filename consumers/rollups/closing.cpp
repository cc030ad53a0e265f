// A step settles agents over a range of windows: then every agent has its rows, their uptime is that of the history, and they are final. An
// organization whose rows Postgres refuses stays behind until Postgres takes them; all others close.
#include "consumers/rollups/closing.hpp"

#include "common/group_state/seen_events.hpp"
#include "common/group_state/wakeup_keys.hpp"
#include "common/postgres/columns.hpp"
#include "consumers/rollups/agents_store.hpp"
#include "consumers/rollups/divergence_store.hpp"
#include "consumers/rollups/finals.hpp"
#include "consumers/rollups/marks_store.hpp"
#include "consumers/rollups/metrics_store.hpp"
#include "consumers/rollups/queue_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace weir::rollups {

namespace {

using group_state::WakeupKeys;
using postgres::columns_of;
using postgres::CopyBuffer;
using postgres::Params;
using postgres::Rows;
using postgres::Statements;

/// The window at which closing begins where none was closed yet.
constexpr const char* kFirstWindow = R"(
SELECT least((SELECT min(settled_until) FROM weir.agent_lifetimes),
             (SELECT min(window_start) FROM public.agent_metrics WHERE NOT is_final),
             (SELECT min(window_start) FROM public.engagement_rollups WHERE NOT is_final),
             (SELECT min(window_start) FROM weir.queue_deltas WHERE window_start > '-infinity')))";

/// $3: organizations that are left out. $4: windows before it are frozen, and get no rows.
constexpr const char* kUnsettled = R"(
SELECT organization_id, agent_id, GREATEST(settled_until, $4), deleted_at
  FROM weir.agent_lifetimes
 WHERE settled_until < $1 AND (deleted_at IS NULL OR settled_until <= deleted_at)
   AND organization_id <> ALL ($3)
 ORDER BY organization_id, agent_id
 LIMIT $2)";

constexpr const char* kLiving = "SELECT count(*) FROM weir.agent_lifetimes WHERE deleted_at IS NULL OR settled_until <= deleted_at";

constexpr postgres::StagingTable kSettledIn{"weir_settled_in", R"(
  organization_id uuid NOT NULL, agent_id uuid NOT NULL, window_start timestamptz NOT NULL,
  known_us bigint NOT NULL, up_us bigint NOT NULL, available_us bigint NOT NULL,
  uptime_percent double precision, availability_percent double precision, is_complete boolean NOT NULL)"};

/// $2: windows before it were closed before, so that a row of them is a correction.
constexpr const char* kSettleRows = R"(
INSERT INTO public.agent_metrics AS m (organization_id, agent_id, window_start, known_us, up_us, available_us, uptime_percent,
                                       availability_percent, is_complete, is_final, revision, corrected_at, updated_at)
SELECT organization_id, agent_id, window_start, known_us, up_us, available_us, uptime_percent, availability_percent, is_complete, true,
       coalesce(window_start < $2, false)::integer, CASE WHEN window_start < $2 THEN $1 END, $1
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
constexpr std::string_view kDropAfterDeletion = R"(
DELETE FROM public.agent_metrics m
 USING unnest($1, $2, $3) AS d(organization_id, agent_id, gone_from)
 WHERE m.organization_id = d.organization_id AND m.agent_id = d.agent_id AND m.window_start >= d.gone_from AND NOT m.touched
RETURNING m.organization_id, m.window_start)";
constexpr std::string_view kClearAfterDeletion = R"(
UPDATE public.agent_metrics m
   SET known_us = 0, up_us = 0, available_us = 0, uptime_percent = NULL, availability_percent = NULL,
       version = m.version + 1, revision = m.revision + m.is_final::integer,
       corrected_at = CASE WHEN m.is_final THEN $4 ELSE m.corrected_at END, updated_at = $4
  FROM unnest($1, $2, $3) AS d(organization_id, agent_id, gone_from)
 WHERE m.organization_id = d.organization_id AND m.agent_id = d.agent_id AND m.window_start >= d.gone_from AND m.known_us <> 0
RETURNING m.organization_id, m.window_start)";

constexpr const char* kMarkSettled = R"(
UPDATE weir.agent_lifetimes l
   SET settled_until = s.settled_until
  FROM unnest($1, $2, $3) AS s(organization_id, agent_id, settled_until)
 WHERE l.organization_id = s.organization_id AND l.agent_id = s.agent_id)";

/// $2: organizations that are left out.
constexpr const char* kWithOpenRows = R"(
SELECT organization_id FROM public.agent_metrics
 WHERE NOT is_final AND window_start < $1 AND organization_id <> ALL ($2)
 UNION
SELECT organization_id FROM public.engagement_rollups
 WHERE NOT is_final AND window_start < $1 AND organization_id <> ALL ($2))";

constexpr std::string_view kFinalMetrics = R"(
UPDATE public.agent_metrics SET is_final = true, version = version + 1, updated_at = $3
 WHERE NOT is_final AND window_start < $2 AND organization_id = ANY ($1)
RETURNING organization_id, window_start)";
constexpr std::string_view kFinalEngagement = R"(
UPDATE public.engagement_rollups SET is_final = true, version = version + 1, updated_at = $3
 WHERE NOT is_final AND window_start < $2 AND organization_id = ANY ($1)
RETURNING organization_id, window_start)";

/// Executes a statement that changes rows and returns their organization_id and window_start, and marks these windows.
Result<void> change_and_mark(Statements& connection, std::string_view name, std::string_view change, const Params& params) {
  const std::string sql = fmt::format(R"(
WITH changed AS ({}
)
INSERT INTO weir.window_changes (organization_id, window_start)
SELECT DISTINCT organization_id, window_start FROM changed)",
                                      change);
  WEIR_TRY(connection.execute(name, sql, params));
  return {};
}

/// An agent whose windows in [from, to) are to be completed.
struct Unsettled {
  AgentKey key;
  Instant from{};
  Instant to{};
  std::optional<Instant> deleted_at;
};
OrganizationId organization_of(const Unsettled& agent) { return agent.key.organization; }
AgentId agent_of(const Unsettled& agent) { return agent.key.agent; }

Result<std::optional<Instant>> instant_of(Statements& connection, std::string_view name, const char* sql, const Params& params = {}) {
  const Rows rows = WEIR_TRY(connection.query(name, sql, params));
  if (rows.empty()) return std::nullopt;
  return rows[0].maybe<Instant>(0);
}

/// Agents that are not settled up to `until`, in order of their keys; together at most `budget` windows, where there is a budget.
Result<std::vector<Unsettled>> read_unsettled(Statements& connection, Instant until, const std::optional<Instant>& frozen_until,
                                              const WakeupKeys& organizations, std::optional<std::int64_t> budget) {
  const std::int64_t limit = budget.value_or(std::numeric_limits<std::int64_t>::max());
  const Rows rows = WEIR_TRY(connection.query("rollups_unsettled", kUnsettled,
                                              Params{}.add(until).add(limit).add_array(organizations.held_back()).add(frozen_until)));
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

Result<void> write_rows(Statements& connection, std::span<const Unsettled> agents, Instant from, Instant to, const Progress& progress,
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
      const bool is_complete = progress.known_from.holds_metrics_of(start) && timeline.is_certain_in(start, end);
      put_settled(copy, agent.key, start, timeline.measure(start, end), is_complete);
    }
  }
  WEIR_TRY(connection.make_staging({kSettledIn}));
  WEIR_TRY(connection.copy_in("COPY weir_settled_in FROM STDIN (FORMAT binary)", copy));
  WEIR_TRY(connection.execute("rollups_settle_rows", kSettleRows, Params{}.add(now).add(progress.closed_until)));
  return {};
}

Result<void> clear_after_deletion(Statements& connection, std::span<const Unsettled> agents, Instant now) {
  std::vector<Unsettled> deleted;
  std::copy_if(agents.begin(), agents.end(), std::back_inserter(deleted),
               [](const Unsettled& agent) { return agent.deleted_at.has_value(); });
  if (deleted.empty()) return {};
  const auto keys = [&] {
    return columns_of(deleted, organization_of, agent_of, [](const Unsettled& agent) { return window_from(*agent.deleted_at); });
  };
  WEIR_TRY(change_and_mark(connection, "rollups_drop_after_deletion", kDropAfterDeletion, keys()));
  return change_and_mark(connection, "rollups_clear_after_deletion", kClearAfterDeletion, keys().add(now));
}

/// Marks the windows of the agents. All of them, because a late change of status may change what is derived without changing uptime.
Result<void> mark_settled(Statements& connection, std::span<const Unsettled> agents) {
  std::set<OrganizationRange> ranges;
  for (const Unsettled& agent : agents) ranges.insert({agent.key.organization, {agent.from, agent.to}});
  return append_marks(connection, std::vector(ranges.begin(), ranges.end()));
}

Result<void> settle(Statements& connection, std::span<const Unsettled> agents, const Progress& progress, Instant now) {
  if (agents.empty()) return {};
  const auto earlier = [](const Unsettled& a, const Unsettled& b) { return a.from < b.from; };
  const auto ends_earlier = [](const Unsettled& a, const Unsettled& b) { return a.to < b.to; };
  const Instant from = std::min_element(agents.begin(), agents.end(), earlier)->from;
  const Instant to = std::max_element(agents.begin(), agents.end(), ends_earlier)->to;
  std::vector<Instant> days;
  for (Instant day = std::chrono::floor<std::chrono::days>(from); day < to; day += std::chrono::days{1}) days.push_back(day);
  WEIR_TRY(ensure_partitions(connection, days));
  WEIR_TRY(write_rows(connection, agents, from, to, progress, now));
  WEIR_TRY(clear_after_deletion(connection, agents, now));
  WEIR_TRY(mark_settled(connection, agents));
  WEIR_TRY(connection.execute("rollups_mark_settled", kMarkSettled, columns_of(agents, organization_of, agent_of, &Unsettled::to)));
  return {};
}

std::set<OrganizationId> organizations_of(std::span<const Unsettled> agents) {
  std::set<OrganizationId> organizations;
  for (const Unsettled& agent : agents) organizations.insert(agent.key.organization);
  return organizations;
}

/// Settles those of the agents that belong to some organizations.
Result<void> settle_some(Statements& connection, std::span<const OrganizationId> some, std::span<const Unsettled> agents,
                         const Progress& progress, Instant now) {
  std::vector<Unsettled> of_some;
  for (const Unsettled& agent : agents) {
    if (std::binary_search(some.begin(), some.end(), agent.key.organization)) of_some.push_back(agent);
  }
  return settle(connection, of_some, progress, now);
}

Result<void> set_final(Statements& connection, std::span<const OrganizationId> some, Instant to, Instant now) {
  const auto rows = [&] { return columns_of(some, &OrganizationId::value).add(to).add(now); };
  WEIR_TRY(change_and_mark(connection, "rollups_final_metrics", kFinalMetrics, rows()));
  return change_and_mark(connection, "rollups_final_engagement", kFinalEngagement, rows());
}

Instant earliest(std::span<const Unsettled> agents, Instant otherwise) {
  for (const Unsettled& agent : agents) otherwise = std::min(otherwise, agent.from);
  return otherwise;
}

/// Closes the windows before `to`: all agents are settled up to it, then every row before it is final, and others are told where that
/// `tells`. False: organizations are left for another step.
Result<bool> close_until(Statements& connection, const ProgressStore& store, std::string_view group, WakeupKeys& keys,
                         const Progress& progress, Instant to, Instant now, bool tells) {
  const auto agents = WEIR_TRY(read_unsettled(connection, to, progress.frozen_until, keys, std::nullopt));
  std::set<OrganizationId> organizations = organizations_of(agents);
  const Rows open = WEIR_TRY(connection.query("rollups_with_open_rows", kWithOpenRows, Params{}.add(to).add_array(keys.held_back())));
  for (std::size_t i = 0; i < open.size(); ++i) organizations.insert(open[i].get<OrganizationId>(0));
  for (const Uuid& organization : keys.due()) organizations.insert(OrganizationId{organization});
  const auto close = [&](std::span<const OrganizationId> some) -> Result<void> {
    WEIR_TRY(settle_some(connection, some, agents, progress, now));
    const auto first = tells ? WEIR_TRY(first_open_row(connection, some)) : std::nullopt;
    WEIR_TRY(set_final(connection, some, to, now));
    return tells ? tell_finals(connection, some, earliest(agents, first.value_or(to)), to, now) : Result<void>{};
  };
  if (!WEIR_TRY(keys.take(connection, std::vector(organizations.begin(), organizations.end()), close))) return false;
  WEIR_TRY(mark_standing(connection, WEIR_TRY(store.read(connection)).closed_until, to));
  WEIR_TRY(store.close_until(connection, to, now));
  WEIR_TRY(group_state::forget_events(connection, group));
  WEIR_TRY(forget_divergences(connection, group, to));
  const Instant tomorrow = to + std::chrono::days{1};
  WEIR_TRY(ensure_partitions(connection, std::array{to, tomorrow}));
  return true;
}

/// Up to where a step may close.
Result<Instant> end_of_step(Statements& connection, std::optional<Instant> closed, Instant due, const ClosingLimits& limits) {
  const auto first = closed ? closed : WEIR_TRY(instant_of(connection, "rollups_first_window", kFirstWindow));
  if (!first) return due;
  const Rows living = WEIR_TRY(connection.query("rollups_living", kLiving));
  const auto agents = std::max<std::int64_t>(1, living[0].get<std::int64_t>(0));
  const auto windows = std::max<std::int64_t>(1, limits.rows_a_step / agents);
  return std::min(due, window_of(*first) + windows * kWindowLength);
}

constexpr const char* kRowsToMark = "rows that are to say that they are not complete";

/// The work that a wake-up finds.
struct Outlook {
  Progress progress;
  WakeupKeys organizations;            // of closing
  WakeupKeys marking;                  // one key: all rows that are to be marked
  std::optional<Instant> due;          // windows before it are to close
  std::vector<Unsettled> unsettled{};  // agents whose closed windows are not complete
  [[nodiscard]] bool has_retries() const { return progress.closed_until && !organizations.due().empty(); }
  [[nodiscard]] bool has_marks() const { return progress.unmarked_until && !marking.holds_back(kRowsToMark); }
  [[nodiscard]] bool nothing() const { return !due && unsettled.empty() && !has_retries() && !has_marks(); }
};

Result<Outlook> look(Statements& connection, const ProgressStore& store, std::string_view group, std::optional<Instant> watermark,
                     const ClosingLimits& limits) {
  Outlook found{WEIR_TRY(store.read(connection)), WEIR_TRY(WakeupKeys::read(connection, group, "closing")),
                WEIR_TRY(WakeupKeys::read(connection, group, "marking")), std::nullopt};
  const std::optional<Instant> closed = found.progress.closed_until;
  if (watermark) {
    const Instant due = window_of(*watermark - limits.allowed_lateness);
    if (!closed || due > *closed) found.due = due;
  }
  if (closed) {
    found.unsettled = WEIR_TRY(read_unsettled(connection, *closed, found.progress.frozen_until, found.organizations, limits.rows_a_step));
  }
  return found;
}

}  // namespace

Result<ClosingStep> close_windows(Statements& connection, const ProgressStore& store, std::string_view group,
                                  std::optional<Instant> watermark, const ClosingLimits& limits, Instant now) {
  // Reads without the lock first, because mostly nothing is due and units of work need not be stopped.
  if (const Outlook before = WEIR_TRY(look(connection, store, group, watermark, limits)); before.nothing())
    return ClosingStep{before.progress.closed_until, false, false};

  WEIR_TRY(store.lock_alone(connection));
  Outlook found = WEIR_TRY(look(connection, store, group, watermark, limits));
  const Progress& progress = found.progress;
  if (!found.unsettled.empty()) {
    const std::set<OrganizationId> organizations = organizations_of(found.unsettled);
    const auto settle_them = [&](std::span<const OrganizationId> some) -> Result<void> {
      WEIR_TRY(settle_some(connection, some, found.unsettled, progress, now));
      if (!limits.publish_finals) return {};
      return tell_finals(connection, some, earliest(found.unsettled, *progress.closed_until), *progress.closed_until, now);
    };
    WEIR_TRY(found.organizations.take(connection, std::vector(organizations.begin(), organizations.end()), settle_them,
                                      WakeupKeys::Share::kPart));
    return ClosingStep{progress.closed_until, true, true};
  }
  if (found.due || found.has_retries()) {
    const Instant to = found.due ? WEIR_TRY(end_of_step(connection, progress.closed_until, *found.due, limits)) : *progress.closed_until;
    const bool is_closed = WEIR_TRY(close_until(connection, store, group, found.organizations, progress, to, now, limits.publish_finals));
    if (!is_closed) return ClosingStep{progress.closed_until, true, true};
    return ClosingStep{to, true, (found.due && to < *found.due) || found.has_marks()};
  }
  if (!found.has_marks()) return ClosingStep{progress.closed_until, false, false};
  WEIR_TRY(found.marking.take(connection, std::vector<std::string>{kRowsToMark}, [&](auto) {
    return store.mark_incomplete(connection, progress, limits.rows_a_step, now, limits.publish_finals);
  }));
  return ClosingStep{progress.closed_until, true, true};
}

}  // namespace weir::rollups
