#include "consumers/rollups/traces.hpp"

#include "consumers/rollups/facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace weir::rollups {

namespace {

using postgres::Params;
using process::ResultRow;
using Rows = std::vector<ResultRow>;

constexpr Seconds kAtOnce{1};  // a window has the time of its transaction, which began a moment after the record came

/// Windows of 5 minutes, and the hour and the day that are merged from them: `metric` is their table, `column` tells windows of one time
/// apart ($2), and $4 is what the event is in its window. An hour that was merged before the window's last change lacks it.
std::string windows_of(std::string_view metric, std::string_view column) {
  constexpr std::string_view kFinest = R"(
WITH m AS (
  SELECT * FROM public.{0} WHERE organization_id = $1 AND {1} = $2 AND window_start = $3
)
SELECT 'public.{0}', jsonb_build_object('organization_id', organization_id, '{1}', {1}, 'window_start', window_start)::text,
       $4 || CASE WHEN is_final THEN ', final' ELSE ', open' END || CASE WHEN revision > 0 THEN ', revision ' || revision ELSE '' END, updated_at, 0
  FROM m)";
  constexpr std::string_view kCoarser = R"(
UNION ALL
SELECT 'public.{0}{2}', jsonb_build_object('organization_id', c.organization_id, '{1}', c.{1}, 'window_start', c.window_start)::text,
       'the {3} ' || CASE WHEN c.updated_at >= m.updated_at THEN 'holds the window' ELSE 'was merged before the last change of the window' END,
       c.updated_at, 0
  FROM m
  JOIN public.{0}{2} c ON c.organization_id = m.organization_id AND c.{1} = m.{1} AND c.window_start = date_trunc('{3}', m.window_start, 'UTC'))";
  return fmt::format(kFinest, metric, column) + fmt::format(kCoarser, metric, column, "_1h", "hour") +
         fmt::format(kCoarser, metric, column, "_1d", "day");
}

/// When an action was first taken, for as long as its id is kept.
const std::string kTaken = R"(
SELECT 'weir.event_ids', jsonb_build_object('group_id', group_id, 'event_id', event_id)::text, 'the action was taken', seen_at, 0
  FROM weir.event_ids
 WHERE group_id = $1 AND event_id = $2)";

const std::string kOfQueue = R"(
SELECT 'public.system_health', jsonb_build_object('organization_id', organization_id, 'window_start', window_start)::text,
       'the queue of its organization changed in it', updated_at, 0
  FROM public.system_health
 WHERE organization_id = $1 AND window_start = $2)";

const std::string kOfStatus = R"(
SELECT 'weir.agent_status_history',
       jsonb_build_object('organization_id', organization_id, 'agent_id', agent_id, 'status_changed_at', status_changed_at)::text,
       'the agent is ' || status || ' from ' || to_char(status_changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), NULL::timestamptz, 0
  FROM weir.agent_status_history
 WHERE organization_id = $1 AND agent_id = $2 AND status_changed_at = $3
 LIMIT 1)";

Result<void> add(Rows& all, Result<Rows> more) {
  for (ResultRow& row : WEIR_TRY(std::move(more))) all.push_back(std::move(row));
  return {};
}

void add_reason(Rows& all, std::string words) { all.push_back({.table = "", .state = std::move(words)}); }

/// Gathers what was made of one event.
struct Asks {
  const Options& options;
  postgres::Statements& connection;
  Rows rows{};

  Result<void> window(const WindowKey& key, const char* what) {
    const std::size_t before = rows.size();
    WEIR_TRY(add(rows, process::read_result_rows(connection, "rollups_trace_agent", windows_of("agent_metrics", "agent_id"),
                                                 Params{}.add(key.organization).add(key.agent).add(key.start).add(what))));
    if (rows.size() == before)
      add_reason(rows, fmt::format("{}: the window of {} of agent {}, which is kept no longer or not written yet", what,
                                   format_instant(key.start), key.agent.text()));
    return {};
  }

  Result<void> effect(const ExecutionEffect& of) {
    const bool stays = of.minus && of.plus && of.minus->key == of.plus->key;
    if (of.minus && !stays) WEIR_TRY(window(of.minus->key, "taken out of it"));
    if (of.plus) WEIR_TRY(window(of.plus->key, stays ? "changed in it" : "counted in it"));
    if (of.refusal) add_reason(rows, fmt::format("dead: {} at {}", of.refusal->reason, of.refusal->path));
    if (!of.skipped.empty()) add_reason(rows, fmt::format("skipped: {}", of.skipped));
    return {};
  }

  Result<void> queue(std::span<const QueueMove> moves) {
    for (const QueueMove& move : moves) {
      WEIR_TRY(add(rows, process::read_result_rows(connection, "rollups_trace_queue", kOfQueue,
                                                   Params{}.add(move.window.first).add(move.window.second))));
    }
    if (rows.empty() && !moves.empty())
      add_reason(rows, "the queue changes from window " + format_instant(moves.front().window.second) + " on, which has no health yet");
    return {};
  }

  Result<void> agent(const AgentFact& fact) {
    const Instant from = fact.tells_from();
    WEIR_TRY(add(rows, process::read_result_rows(connection, "rollups_trace_status", kOfStatus,
                                                 Params{}.add(fact.key.organization).add(fact.key.agent).add(from))));
    return window({fact.key.organization, fact.key.agent, window_of(from)}, fact.status ? "its status changed in it" : "it ended in it");
  }

  Result<void> action(const ActionFact& fact) {
    WEIR_TRY(
        add(rows, process::read_result_rows(connection, "rollups_trace_taken", kTaken, Params{}.add(options.group).add(fact.event_id))));
    return add(rows, process::read_result_rows(
                         connection, "rollups_trace_engagement", windows_of("engagement_rollups", "action_type"),
                         Params{}.add(fact.organization).add(fact.action_type).add(window_of(fact.at)).add("counted in it")));
  }
};

// ---- The way back ----

/// The finest windows that a row is made of.
struct Span {
  Instant from{};
  Instant to{};
  [[nodiscard]] bool holds(Instant start) const { return start >= from && start < to; }
};

Microseconds length_of(std::string_view table) {
  if (table.ends_with("_1d")) return std::chrono::hours{24};
  return table.ends_with("_1h") ? Microseconds(std::chrono::hours{1}) : kWindowLength;
}

/// When the row was last written.
Result<std::optional<Instant>> written_at(postgres::Statements& connection, const process::RowToTrace& asked, std::string_view third_column,
                                          Params params) {
  const std::string sql = fmt::format("SELECT updated_at FROM {} WHERE organization_id = $1 AND window_start = $2{}", asked.table,
                                      third_column.empty() ? std::string() : fmt::format(" AND {} = $3", third_column));
  const auto answer = WEIR_TRY(connection.query("rollups_origin " + asked.table, sql, params));
  return answer.empty() ? std::nullopt : std::optional(answer[0].get<Instant>(0));
}

host::RowOrigin origin_in(const Options& options, std::vector<std::string> topics, Instant from, Instant written,
                          std::function<bool(const runtime::Event&)> has_made) {
  return {std::move(topics), from - options.times.max_future, written + kAtOnce, std::move(has_made)};
}

/// Whether a change of an execution moved a window of the organization, and of the agent where one is given.
bool moves(const Fact& fact, const OrganizationId& organization, const std::optional<AgentId>& agent, const Span& span) {
  const auto effect = effect_of(fact);
  if (!effect) return false;
  for (const auto& side : {effect->minus, effect->plus}) {
    if (side && side->key.organization == organization && (!agent || side->key.agent == *agent) && span.holds(side->key.start)) return true;
  }
  return false;
}

using MaybeOrigin = Result<std::optional<host::RowOrigin>>;

MaybeOrigin origin_of_metrics(const Options& options, postgres::Statements& connection, const process::RowToTrace& asked) {
  const OrganizationId organization{WEIR_TRY(asked.uuid("organization_id"))};
  const AgentId agent{WEIR_TRY(asked.uuid("agent_id"))};
  const Instant start = WEIR_TRY(asked.time("window_start"));
  const auto written = WEIR_TRY(written_at(connection, asked, "agent_id", Params{}.add(organization).add(start).add(agent)));
  if (!written) return std::nullopt;
  const Span span{start, start + length_of(asked.table)};
  return origin_in(options, {options.topics.executions}, start, *written,
                   [=](const runtime::Event& event) { return moves(event.as<Fact>(), organization, agent, span); });
}

MaybeOrigin origin_of_engagement(const Options& options, postgres::Statements& connection, const process::RowToTrace& asked) {
  const OrganizationId organization{WEIR_TRY(asked.uuid("organization_id"))};
  const std::string type(asked.column("action_type"));
  const Instant start = WEIR_TRY(asked.time("window_start"));
  const auto written = WEIR_TRY(written_at(connection, asked, "action_type", Params{}.add(organization).add(start).add(type)));
  if (!written) return std::nullopt;
  const Span span{start, start + length_of(asked.table)};
  return origin_in(options, {options.topics.actions}, start, *written, [=](const runtime::Event& event) {
    const auto* action = std::get_if<ActionFact>(&event.as<Fact>().body);
    return action != nullptr && action->organization == organization && action->action_type == type && span.holds(window_of(action->at));
  });
}

MaybeOrigin origin_of_health(const Options& options, postgres::Statements& connection, const process::RowToTrace& asked) {
  const OrganizationId organization{WEIR_TRY(asked.uuid("organization_id"))};
  const Instant start = WEIR_TRY(asked.time("window_start"));
  const auto written = WEIR_TRY(written_at(connection, asked, "", Params{}.add(organization).add(start)));
  if (!written) return std::nullopt;
  const Span span{start, start + length_of(asked.table)};
  return origin_in(options, {options.topics.executions, options.topics.tasks}, start, *written, [=](const runtime::Event& event) {
    const Fact& fact = event.as<Fact>();
    const auto is_there = [&](const QueueMove& move) { return move.window.first == organization && span.holds(move.window.second); };
    return moves(fact, organization, std::nullopt, span) || std::any_of(fact.moves.begin(), fact.moves.end(), is_there);
  });
}

/// The windows that an alert was opened and kept for.
MaybeOrigin origin_of_alert(const Options& options, postgres::Statements& connection, const process::RowToTrace& asked) {
  const auto answer = WEIR_TRY(connection.query(
      "rollups_origin_alert", "SELECT organization_id, agent_id, opened_window, last_window, updated_at FROM public.alerts WHERE id = $1",
      Params{}.add(WEIR_TRY(asked.uuid("id")))));
  if (answer.empty()) return std::nullopt;
  const OrganizationId organization{answer[0].get<Uuid>(0)};
  const auto agent = answer[0].maybe<Uuid>(1);
  const Span span{answer[0].get<Instant>(2), answer[0].get<Instant>(3) + kWindowLength};
  return origin_in(options, {options.topics.executions}, span.from, answer[0].get<Instant>(4), [=](const runtime::Event& event) {
    return moves(event.as<Fact>(), organization, agent ? std::optional(AgentId{*agent}) : std::nullopt, span);
  });
}

}  // namespace

Result<Rows> results_of(const Options& options, postgres::Statements& connection, const runtime::Event& event) {
  Asks asks{options, connection};
  const Fact& fact = event.as<Fact>();
  if (const auto effect = effect_of(fact)) {
    WEIR_TRY(asks.effect(*effect));
  } else if (const auto* agents = std::get_if<AgentChange>(&fact.body)) {
    for (const AgentFact& each : agents->facts) WEIR_TRY(asks.agent(each));
  } else if (const auto* action = std::get_if<ActionFact>(&fact.body)) {
    WEIR_TRY(asks.action(*action));
  } else if (const auto* ignored = std::get_if<Ignored>(&fact.body)) {
    add_reason(asks.rows, fmt::format("skipped: {}", ignored->reason));
  } else if (const auto* incomplete = std::get_if<Incomplete>(&fact.body)) {
    add_reason(asks.rows, fmt::format("windows that begin before {} may lack something: {}", format_instant(incomplete->until),
                                      incomplete->skipped.empty() ? "changes were left out" : incomplete->skipped));
  }
  WEIR_TRY(asks.queue(fact.moves));
  if (asks.rows.empty()) add_reason(asks.rows, "it has no effect on a window");
  return std::move(asks.rows);
}

MaybeOrigin origin_of(const Options& options, postgres::Statements& connection, const process::RowToTrace& asked) {
  for (const std::string_view length : {"", "_1h", "_1d"}) {
    if (asked.table == fmt::format("public.agent_metrics{}", length)) return origin_of_metrics(options, connection, asked);
    if (asked.table == fmt::format("public.engagement_rollups{}", length)) return origin_of_engagement(options, connection, asked);
    if (asked.table == fmt::format("public.system_health{}", length)) return origin_of_health(options, connection, asked);
  }
  if (asked.table == "public.alerts") return origin_of_alert(options, connection, asked);
  return std::nullopt;
}

}  // namespace weir::rollups
