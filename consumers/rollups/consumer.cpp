// Order of locks in a unit of work: the group's closing lock, weir.rollup_progress, weir.diverged_executions, weir.superseding_changes,
// partitions, weir.event_ids, weir.user_first_seen, weir.agent_lifetimes, agent_metrics, engagement_rollups; within each table by primary
// key. So two instances never wait for each other in a circle. Marks of changed windows are only appended. Burials, which are rare, take
// these locks once before the batch does; in that case Postgres may have to end one of the transactions.
#include "consumers/rollups/consumer.hpp"

#include "common/group_state/seen_events.hpp"
#include "common/postgres/statements.hpp"
#include "common/postgres/visibility.hpp"
#include "consumers/rollups/agents_store.hpp"
#include "consumers/rollups/burial.hpp"
#include "consumers/rollups/decoders.hpp"
#include "consumers/rollups/divergence_store.hpp"
#include "consumers/rollups/finals.hpp"
#include "consumers/rollups/marks_store.hpp"
#include "consumers/rollups/recompute_store.hpp"
#include "consumers/rollups/witnesses.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::rollups {

namespace {

constexpr Seconds kWakeInterval{1};
/// A provisional row's uptime lags the watermark by up to this, so that not every flush reads the history of every agent.
constexpr Seconds kPresenceLag{10};
/// Postgres's clock, since a wake-up is told only when it begins.
constexpr const char* kTook = "SELECT (1000000 * extract(epoch FROM clock_timestamp() - transaction_timestamp()))::bigint";
/// Wake-ups between two tries to drop a partition that is being read.
constexpr int kRetentionRest = 60;
constexpr std::string_view kUnplaced = "changes of recomputed windows do not tell their transaction (source.txId)";

Fault uncountable(const runtime::Record& record, const std::string& table) {
  Fault fault;
  fault.kind = FaultKind::kConfiguration;
  fault.message = fmt::format("{}, partition {}, offset {}: the change lacks the old row, so it cannot be counted exactly", record.topic,
                              record.partition, record.offset);
  fault.hint = fmt::format(
      "run in the source database: ALTER TABLE {} REPLICA IDENTITY FULL; records written before that stay as they are: delete them with "
      "kafka-delete-records, then weir offsets accept-gap",
      table);
  return fault;
}

/// The windows that a unit of work changes. Of an agent's life it is the window in which it changes; closing marks those after it.
MarkedWindows marks_of(std::span<const MetricsChange> metrics, const EngagementChanges& engagement, const Digest& digest) {
  MarkedWindows marks(digest.queue.begin(), digest.queue.end());
  for (const AgentFact& fact : digest.agents) marks[{fact.key.organization, window_of(fact.tells_from())}];
  auto last = marks.end();
  for (const MetricsChange& change : metrics) {
    // The windows of an agent follow each other, and agents have the same windows: the mark is the one after the last, as a rule.
    const MarkedWindows::key_type key{change.key.organization, change.key.start};
    if (last != marks.end() && ++last != marks.end() && last->first == key) continue;
    last = marks.try_emplace(key).first;
  }
  for (const auto& [key, change] : engagement) marks[{key.organization, key.start}];
  return marks;
}

}  // namespace

runtime::Description description_of(const Options& options) {
  const SourceTopics& topics = options.topics;
  const TimeLimits times = options.times;
  return {"rollups",
          options.group,
          {{topics.executions, [times] { return execution_decoder(times); }},
           {topics.agents, [times] { return agent_decoder(times); }},
           {topics.tasks, [times] { return task_decoder(times); }},
           {topics.actions, [times] { return action_decoder(times); }},
           {topics.notices, [topics, times] { return notice_decoder(topics.executions, topics.agents, topics.tasks, times); },
            runtime::TopicRole::kNotices}},
          options.flush};
}

RollupsConsumer::RollupsConsumer(Options options)
    : options_(std::move(options)),
      progress_(options_.group, options_.topics, options_.times),
      deriving_(options_.group, options_.deriving, options_.health),
      pace_(options_.deriving.interval, options_.deriving.parts),
      metrics_(options_.fresh_rows),
      cache_(options_.cached_rows) {}

Result<void> RollupsConsumer::prepare(postgres::Statements& connection) {
  const auto rows = WEIR_TRY(connection.query(
      "rollups_tables", "SELECT name FROM unnest($1) AS name WHERE to_regclass(name) IS NULL",
      postgres::Params{}.add_array(std::vector<std::string>{
          "public.agent_metrics", "public.engagement_rollups", "weir.agent_lifetimes", "weir.agent_status_history", "weir.user_first_seen",
          "weir.rollup_progress", "weir.event_ids", "weir.diverged_executions", "weir.superseding_changes", "weir.agent_metrics_row_2",
          "weir.window_changes", "weir.standing_deltas", "weir.health_settings", "public.agent_metrics_1d", "public.queue_forecasts"})));
  if (!rows.empty()) return fail(FaultKind::kPgSchema, "the database lacks " + rows[0].get<std::string>(0), "run: weir migrate up");
  WEIR_TRY(postgres::require_visible(
      connection, {{"public", "agent_metrics"}, {"public", "engagement_rollups"}, {"public", "system_health"}, {"public", "alerts"}}));
  derives_from_ = WEIR_TRY(progress_.derives_from(connection));
  return {};
}

Result<void> RollupsConsumer::bury(std::span<const runtime::Burial> dead, runtime::Work& work, Instant now) {
  postgres::Statements& connection = work.statements();
  Progress progress = WEIR_TRY(progress_.hold(connection));
  closed_until_ = progress.closed_until;
  frozen_until_ = progress.frozen_until;
  WEIR_TRY(refresh_recomputed(progress, connection));
  const Exclusions excluded{progress.frozen_until, &recomputed_};
  const Aftermath left = WEIR_TRY(aftermath_of(connection, options_.group, dead, options_.topics, options_.times, excluded, now));
  if (progress.armed) WEIR_TRY(note_witnesses(dead, connection));
  buried_.clear();
  for (const auto& [row, held] : left.divergences) buried_.insert(row);
  KnownFrom known_from = left.known_from;
  WEIR_TRY(progress_.raise(connection, progress, known_from));
  WEIR_TRY(write_divergences(connection, options_.group, left.divergences, buried_));
  WEIR_TRY(doubt_agents(connection, left.agents));
  if (WEIR_TRY(mark_windows(left.windows, connection, now))) return wish_repairs(connection, options_.group, left.windows);
  return progress_.raise(connection, progress, left.beyond);
}

Result<bool> RollupsConsumer::mark_windows(std::span<const WindowKey> windows, postgres::Statements& connection, Instant now) {
  if (windows.empty()) return true;
  std::vector<MetricsChange> changes;
  for (const WindowKey& key : windows) {
    if (!is_frozen(key.start)) changes.push_back({key, {}, is_closed(key.start, closed_until_), std::nullopt, {}, false, cache_.find(key)});
  }
  std::vector<MetricsRow> rows;
  const auto written = connection.within_savepoint([&]() -> Result<void> {
    WEIR_TRY(ensure_partitions(connection, changes));
    rows = WEIR_TRY(metrics_.write(connection, changes, now));
    WEIR_TRY(append_marks(connection, marks_of(changes, {}, {})));
    return options_.closing.publish_finals ? tell_corrections(connection, {rows}) : Result<void>{};
  });
  if (!written && next_action(written.error(), 1) != Action::kDivide) return fail(written.error());
  if (!written) return false;
  // The rest of this transaction must know of these rows.
  has_marked_ = true;
  for (MetricsRow& row : rows) cache_.put(std::move(row));
  return true;
}

Result<std::vector<runtime::Outcome>> RollupsConsumer::apply(std::span<const runtime::Event* const> batch, runtime::Fold* folded,
                                                             runtime::Work& work, Instant now) {
  Digest& digest = static_cast<DigestFold&>(*folded).digest;
  if (digest.uncountable) return fail(uncountable(batch[digest.uncountable->event]->record, digest.uncountable->table));
  pace_.changes_came();
  postgres::Statements& connection = work.statements();
  Progress progress = WEIR_TRY(progress_.hold(connection));
  closed_until_ = progress.closed_until;
  frozen_until_ = progress.frozen_until;
  WEIR_TRY(refresh_recomputed(progress, connection));
  WEIR_TRY(reconsider(digest, batch, progress, connection));
  if (progress.armed) WEIR_TRY(write_witnesses(connection, options_.group, witnesses_of(batch, *progress.armed, digest.divergences)));
  if (digest.has_unplaced) WEIR_TRY(pause_recomputing(connection, options_.group, kUnplaced));
  WEIR_TRY(progress_.raise(connection, progress, digest.known_from));
  WEIR_TRY(write_divergences(connection, options_.group, digest.divergences, digest.judged));
  std::vector<MetricsChange> changes;
  changes.reserve(digest.windows.size());
  for (auto* window : in_order(digest.windows)) {
    const Instant start = window->first.start;
    const bool is_complete = progress.known_from.holds_metrics_of(start);
    changes.push_back({window->first,
                       std::move(window->second),
                       is_closed(start, closed_until_),
                       std::nullopt,
                       {},
                       is_complete,
                       cache_.find(window->first)});
  }
  WEIR_TRY(ensure_partitions(connection, changes));
  EngagementChanges engagement;
  WEIR_TRY(take_actions(digest, connection, engagement));
  WEIR_TRY(record_agents(connection, digest.agents));
  WEIR_TRY(fill_presence(changes, work));
  written_ = WEIR_TRY(metrics_.write(connection, changes, now));
  WEIR_TRY(write_engagement(connection, engagement, closed_until_, now));
  WEIR_TRY(append_marks(connection, marks_of(changes, engagement, digest)));
  if (options_.closing.publish_finals) WEIR_TRY(tell_corrections(connection, {written_}));
  return std::move(digest.outcomes);
}

Result<void> RollupsConsumer::reconsider(Digest& digest, std::span<const runtime::Event* const> batch, const Progress& progress,
                                         postgres::Statements& connection) const {
  const Exclusions excluded{progress.frozen_until, &recomputed_};
  const bool is_excluded = std::any_of(digest.windows.begin(), digest.windows.end(),
                                       [&](const Windows::Entry& window) { return excluded.concerns(window.first); });
  std::optional<Instant> buried;
  Divergences held;
  if (progress.has_divergences || digest.has_redriven) {
    std::vector<ExecutionId> rows;
    const auto note = [&](const runtime::Event& event, const Fact& fact) {
      if (!fact.row) return;
      rows.push_back(*fact.row);
      if (buried_.contains(*fact.row)) buried = std::max(buried.value_or(event.decoded.recorded_at), event.decoded.recorded_at);
    };
    runtime::for_each_run(batch, [&](const runtime::EventRun& run) { run.each<Fact>(note); });
    held = WEIR_TRY(read_divergences(connection, options_.group, rows, digest.has_redriven ? Wanted::kAll : Wanted::kOpen));
  }
  if (held.empty() && !digest.has_redriven && !is_excluded) return {};
  DigestFold again(options_.times, std::move(held), closed_until_, excluded, derives_from_);
  again.add_all(batch);
  digest = std::move(again.digest);
  // Nothing tells which came first, the change that died or the one that was taken.
  if (buried) digest.known_from.raise(Source::kExecutions, *buried + options_.times.max_future);
  return {};
}

Result<void> RollupsConsumer::refresh_recomputed(const Progress& progress, postgres::Statements& connection) {
  if (progress.generation == generation_) return {};
  recomputed_ = WEIR_TRY(read_recomputed(connection, options_.group));
  generation_ = progress.generation;
  return {};
}

Result<void> RollupsConsumer::note_witnesses(std::span<const runtime::Burial> dead, postgres::Statements& connection) const {
  const auto witnesses = witnesses_of(dead, options_.topics.executions);
  // Once armed anew, recomputation waits for the end of every transaction that began before.
  if (!witnesses) return disarm(connection, options_.group);
  return write_witnesses(connection, options_.group, *witnesses);
}

Result<void> RollupsConsumer::take_actions(Digest& digest, postgres::Statements& connection, EngagementChanges& changes) const {
  std::erase_if(digest.actions, [&](const Digest::Action& action) {
    if (!is_frozen(window_of(action.fact->at))) return false;
    digest.outcomes[action.event] = runtime::Skipped{"frozen"};
    return true;
  });
  if (digest.actions.empty()) return {};
  std::vector<Uuid> ids;
  for (const auto& action : digest.actions) ids.push_back(action.fact->event_id);
  auto fresh = WEIR_TRY(group_state::claim_events(connection, options_.group, ids));
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

Result<void> RollupsConsumer::fill_presence(std::span<MetricsChange> changes, runtime::Work& work) const {
  const auto watermark = WEIR_TRY(work.group_watermark());
  if (!watermark) return {};
  const auto is_stale = [&](const MetricsChange& change) {
    if (change.window_is_closed || change.key.start >= *watermark) return false;
    return change.known == nullptr || change.known->presence_until + kPresenceLag <= *watermark;
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
  const Timelines timelines = WEIR_TRY(read_timelines(work.statements(), agents, *from, *watermark));
  for (MetricsChange& change : changes) {
    const auto found = timelines.find({change.key.organization, change.key.agent});
    if (found == timelines.end() || !is_stale(change)) continue;
    const Instant end = std::min(change.key.start + kWindowLength, *watermark);
    change.presence = found->second.measure(change.key.start, end);
    change.presence_until = *watermark;
    change.is_complete = change.is_complete && found->second.is_certain_in(change.key.start, end);
  }
  return {};
}

Result<void> RollupsConsumer::wake(runtime::Work& work, Instant now) {
  closed_until_.reset();
  if (WEIR_TRY(progress_.heed(work.statements()))) {
    next_wakeup_ = Microseconds{0};
    return {};
  }
  bool more = false;
  if (std::exchange(has_closed_, false)) {
    more = true;  // closing may not be done
  } else {
    const auto watermark = WEIR_TRY(work.group_watermark());
    const ClosingStep step = WEIR_TRY(close_windows(work.statements(), progress_, options_.group, watermark, options_.closing, now));
    closed_until_ = step.closed_until;
    has_closed_ = step.changed;
    // Closing holds up all units of work, so deriving has a transaction of its own, the next.
    if (step.changed) pace_.window_closed();
    more = step.changed;
  }
  if (!has_closed_ && pace_.is_due(now)) more = WEIR_TRY(derive(work.statements(), now)) || more;
  if (!more) more = WEIR_TRY(keep_retention_if_due(work.statements()));
  next_wakeup_ = more ? Microseconds{0} : kWakeInterval;
  return {};
}

Result<bool> RollupsConsumer::derive(postgres::Statements& connection, Instant now) {
  const bool is_left = WEIR_TRY(deriving_.step(connection, now, pace_.is_busy()));
  const auto took = WEIR_TRY(connection.query("rollups_derive_took", kTook, postgres::Params{}));
  pace_.derived(now, Microseconds{took[0].get<std::int64_t>(0)}, is_left);
  return is_left;
}

Result<bool> RollupsConsumer::keep_retention_if_due(postgres::Statements& connection) {
  if (retention_rests_ > 0) {
    --retention_rests_;
    return false;
  }
  const Upkeep step = WEIR_TRY(keep_retention(connection, progress_, options_.group, options_.retention));
  if (step == Upkeep::kBusy) retention_rests_ = kRetentionRest;
  return step == Upkeep::kMore;
}

void RollupsConsumer::settled(runtime::Settlement settlement) {
  switch (settlement) {
    case runtime::Settlement::kCommitted:
      for (MetricsRow& row : written_) cache_.put(std::move(row));
      if (closed_until_) cache_.close(*closed_until_);
      break;
    case runtime::Settlement::kRolledBack:
      generation_ = -1;
      metrics_.rolled_back();
      if (has_marked_) cache_.clear();
      break;
    case runtime::Settlement::kReset:
      generation_ = -1;
      metrics_.rolled_back();
      cache_.clear();
      break;
  }
  written_.clear();
  has_marked_ = false;
  buried_.clear();
}

}  // namespace weir::rollups
