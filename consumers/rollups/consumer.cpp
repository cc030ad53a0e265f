// Order of locks in a unit of work: the group's closing lock, partitions, weir.event_ids, weir.user_first_seen, weir.agent_lifetimes,
// agent_metrics, engagement_rollups; within each table by primary key. So two instances never wait for each other in a circle.
#include "consumers/rollups/consumer.hpp"

#include "common/postgres/connection.hpp"
#include "common/postgres/visibility.hpp"
#include "consumers/rollups/agents_store.hpp"
#include "consumers/rollups/decoders.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::rollups {

namespace {

constexpr Seconds kWakeInterval{1};
/// A provisional row's uptime lags the watermark by up to this, so that not every flush reads the history of every agent.
constexpr Seconds kPresenceLag{10};

std::vector<Instant> days_of(std::span<const MetricsChange> changes) {
  std::vector<Instant> days;
  for (const MetricsChange& change : changes) days.push_back(std::chrono::floor<std::chrono::days>(change.key.start));
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
  return days;
}

Fault uncountable(const runtime::Record& record, const std::string& table) {
  Fault fault;
  fault.kind = FaultKind::kConfiguration;
  fault.message =
      fmt::format("{}, partition {}, offset {}: the change does not say what the row was before, so it cannot be counted exactly",
                  record.topic, record.partition, record.offset);
  fault.hint = fmt::format(
      "run in the source database: ALTER TABLE {} REPLICA IDENTITY FULL; records written before that stay as they are: delete them with "
      "kafka-delete-records, then weir offsets accept-gap",
      table);
  return fault;
}

bool is_closed(Instant window, std::optional<Instant> closed_until) { return closed_until && window + kWindowLength <= *closed_until; }

}  // namespace

runtime::Description RollupsConsumer::describe() const {
  return {"rollups",
          options_.group,
          {{options_.topics.executions, execution_decoder(options_.times)},
           {options_.topics.agents, agent_decoder(options_.times)},
           {options_.topics.tasks, task_decoder()},
           {options_.topics.actions, action_decoder(options_.times)}},
          options_.flush};
}

Result<void> RollupsConsumer::prepare(postgres::Connection& connection) {
  const auto rows = WEIR_TRY(connection.query(
      "rollups_tables", "SELECT name FROM unnest($1) AS name WHERE to_regclass(name) IS NULL",
      postgres::Params{}.add_array(std::vector<std::string>{"public.agent_metrics", "public.engagement_rollups", "weir.agent_lifetimes",
                                                            "weir.agent_status_history", "weir.user_first_seen", "weir.rollup_progress",
                                                            "weir.event_ids", "weir.agent_metrics_row"})));
  if (rows.empty()) return postgres::require_visible(connection, {{"public", "agent_metrics"}, {"public", "engagement_rollups"}});
  return fail(FaultKind::kPgSchema, "the database lacks " + rows[0].get<std::string>(0), "run: weir migrate up");
}

Result<std::vector<runtime::Outcome>> RollupsConsumer::apply(std::span<const runtime::Event* const> batch, runtime::Fold* folded,
                                                             runtime::UnitOfWork& work, Instant now) {
  Digest& digest = static_cast<DigestFold&>(*folded).digest;
  if (digest.uncountable) return fail(uncountable(batch[digest.uncountable->event]->record, digest.uncountable->table));
  closed_until_ = WEIR_TRY(hold_closing(work.connection(), options_.group));
  std::vector<MetricsChange> changes;
  changes.reserve(digest.windows.size());
  for (auto* window : in_order(digest.windows)) {
    changes.push_back({window->first, std::move(window->second), is_closed(window->first.start, closed_until_), std::nullopt, {}});
  }
  WEIR_TRY(ensure_partitions(work.connection(), days_of(changes)));
  EngagementChanges engagement;
  WEIR_TRY(take_actions(digest, work.connection(), engagement));
  WEIR_TRY(record_agents(work.connection(), digest.agents));
  WEIR_TRY(fill_presence(changes, work));
  written_ = WEIR_TRY(metrics_.write(work.connection(), changes, cache_, now));
  WEIR_TRY(write_engagement(work.connection(), engagement, closed_until_, now));
  return std::move(digest.outcomes);
}

Result<void> RollupsConsumer::take_actions(Digest& digest, postgres::Connection& connection, EngagementChanges& changes) const {
  if (digest.actions.empty()) return {};
  std::vector<Uuid> ids;
  for (const auto& action : digest.actions) ids.push_back(action.fact->event_id);
  auto fresh = WEIR_TRY(claim_event_ids(connection, options_.group, ids));
  std::vector<const ActionFact*> taken;
  for (const auto& [event, fact] : digest.actions) {
    if (fresh.erase(fact->event_id) == 0) {  // seen before, or earlier in this batch
      digest.outcomes[event] = runtime::Skipped{"duplicate"};
      continue;
    }
    taken.push_back(fact);
    changes[{fact->organization, fact->action_type, window_of(fact->at)}].add(*fact);
  }
  return record_first_seen(connection, taken, changes);
}

Result<void> RollupsConsumer::fill_presence(std::span<MetricsChange> changes, runtime::UnitOfWork& work) const {
  const auto watermark = WEIR_TRY(work.group_watermark());
  if (!watermark) return {};
  const auto is_stale = [&](const MetricsChange& change) {
    if (change.window_is_closed || change.key.start >= *watermark) return false;
    const MetricsRow* held = cache_.find(change.key);
    return held == nullptr || held->presence_until + kPresenceLag <= *watermark;
  };
  std::vector<AgentKey> agents;
  std::optional<Instant> from;
  for (const MetricsChange& change : changes) {
    if (!is_stale(change)) continue;
    const AgentKey key{change.key.organization, change.key.agent};
    if (agents.empty() || agents.back() != key) agents.push_back(key);
    from = std::min(from.value_or(change.key.start), change.key.start);
  }
  if (agents.empty()) return {};
  const Timelines timelines = WEIR_TRY(read_timelines(work.connection(), agents, *from, *watermark));
  for (MetricsChange& change : changes) {
    const auto found = timelines.find({change.key.organization, change.key.agent});
    if (found == timelines.end() || !is_stale(change)) continue;
    change.presence = found->second.measure(change.key.start, std::min(change.key.start + kWindowLength, *watermark));
    change.presence_until = *watermark;
  }
  return {};
}

Result<void> RollupsConsumer::wake(runtime::UnitOfWork& work, Instant now) {
  const auto watermark = WEIR_TRY(work.group_watermark());
  const ClosingStep step = WEIR_TRY(close_windows(work.connection(), options_.group, watermark, options_.closing, now));
  closed_until_ = step.closed_until;
  next_wakeup_ = step.more ? Microseconds{0} : kWakeInterval;
  return {};
}

void RollupsConsumer::settled(runtime::Settlement settlement) {
  switch (settlement) {
    case runtime::Settlement::kCommitted:
      for (MetricsRow& row : written_) cache_.put(std::move(row));
      if (closed_until_) cache_.close(*closed_until_);
      break;
    case runtime::Settlement::kRolledBack:
      metrics_.rolled_back();
      break;
    case runtime::Settlement::kReset:
      metrics_.rolled_back();
      cache_.clear();
      break;
  }
  written_.clear();
}

}  // namespace weir::rollups
