#include "consumers/rollups/burial.hpp"

#include "consumers/rollups/dead_change.hpp"
#include "consumers/rollups/divergence_store.hpp"

#include <algorithm>

namespace weir::rollups {

namespace {

using postgres::Statements;
using runtime::Burial;

/// Gathers the aftermath of a batch's burials.
class Gathering {
 public:
  Gathering(const TimeLimits& limits, const Exclusions& excluded, Aftermath& aftermath)
      : limits_(limits), excluded_(excluded), aftermath_(aftermath) {}

  /// Notes a change that the decoder understood.
  void note(const runtime::Event& event) {
    const Fact& fact = event.as<Fact>();
    if (const auto effect = effect_of(fact)) {
      note_effect(*effect, fact.row, order_of(event), origin_of(event), event.decoded.recorded_at);
    } else if (const auto* agent = std::get_if<AgentChange>(&fact.body)) {
      for (const AgentFact& one : agent->facts) aftermath_.agents.push_back({one.key, one.tells_from(), one.unsettled_from});
    } else if (std::holds_alternative<TaskChange>(fact.body)) {
      note_task(event.decoded.recorded_at);
    } else if (const auto* action = std::get_if<ActionFact>(&fact.body)) {
      aftermath_.known_from.raise(Source::kActions, window_of(action->at) + kWindowLength);
    } else if (const auto* incomplete = std::get_if<Incomplete>(&fact.body)) {
      aftermath_.known_from.raise(incomplete->source, incomplete->until);
      if (incomplete->diverges_until && fact.row) {
        missed_.push_back({*fact.row, std::nullopt, order_of(event), *incomplete->diverges_until});
      }
    }
  }

  /// Notes a change of an execution as Postgres read it; none where Postgres could not read it either.
  void note_execution(const std::optional<DeadChange>& change, Instant recorded_at) {
    const Instant until = recorded_at + limits_.max_future;
    aftermath_.beyond.raise(Source::kExecutions, until);
    if (!change || !tells_all(*change)) {
      aftermath_.known_from.raise(Source::kExecutions, until);
      return;
    }
    const auto row_of = [](const std::optional<DeadImage>& image) { return image ? image->execution : std::nullopt; };
    const std::optional<ExecutionRow> after = row_of(change->after);
    const ExecutionId row{*(change->after ? change->after : change->before)->id};
    if (change->op == 'r') {
      aftermath_.known_from.raise(Source::kExecutions, until);
      const auto diverges_until = after ? uncounted_until(*after, recorded_at, limits_) : std::nullopt;
      if (diverges_until) missed_.push_back({row, std::nullopt, *change->order, *diverges_until});
      return;
    }
    ExecutionEffect effect = judge_execution(row_of(change->before), after, recorded_at, limits_);
    if (change->after && !after) effect.refusal = Refusal{"out_of_domain", "/after", ""};
    note_effect(effect, row, *change->order, {change->order->name, change->order->db, change->order->place.lsn, 0}, recorded_at);
  }

  /// Nobody knows the length of a queue of which a change was lost.
  void note_task(Instant recorded_at) { aftermath_.known_from.raise(Source::kTasks, recorded_at + limits_.max_future); }

  void note_agent(const std::optional<DeadChange>& change, Instant recorded_at) {
    const auto tells = [](const std::optional<DeadImage>& image) { return !image || (image->id && image->organization); };
    if (!change || !tells(change->before) || !tells(change->after)) {
      aftermath_.known_from.raise(Source::kAgents, recorded_at + limits_.max_future);
      return;
    }
    if (change->before) note_agent(*change->before, recorded_at, std::nullopt);
    if (change->after) note_agent(*change->after, recorded_at, change->after->status_changed_at);
  }

  [[nodiscard]] const std::vector<Missed>& missed() const { return missed_; }

 private:
  /// Whether the images tell which windows and whose row.
  static bool tells_all(const DeadChange& change) {
    const auto tells = [](const std::optional<DeadImage>& image) { return image && image->id && image->has_form; };
    const bool is_new = change.op == 'c' || change.op == 'r';
    const bool is_known = is_new || change.op == 'u' || change.op == 'd';
    return is_known && change.order && (is_new || tells(change.before)) && (change.op == 'd' || tells(change.after));
  }

  /// Whether recomputed windows hold the change already. Where only one of two windows does, or where that cannot be told, every window is
  /// in doubt, so that all are recomputed.
  bool is_held(const ExecutionEffect& effect, const ChangeOrigin& origin, Instant until) {
    bool some = false;
    bool all = true;
    for (const auto& side : {effect.minus, effect.plus}) {
      if (!side) continue;
      const Reception reception = excluded_.judge(side->key, origin);
      const bool is_whole = reception == Reception::kRecomputed;
      some = some || is_whole || reception == Reception::kUnknown;
      all = all && is_whole;
    }
    if (some && !all) aftermath_.known_from.raise(Source::kExecutions, until);
    return some;
  }

  void note_effect(const ExecutionEffect& effect, const std::optional<ExecutionId>& row, const SourceOrder& order,
                   const ChangeOrigin& origin, Instant recorded_at) {
    if (!effect.skipped.empty() && !effect.refusal) return;  // the change would have had no effect
    const Instant until = recorded_at + limits_.max_future;
    if (is_held(effect, origin, until)) return;
    aftermath_.beyond.raise(Source::kExecutions, until);
    for (const auto& side : {effect.minus, effect.plus}) {
      if (side) aftermath_.windows.push_back(side->key);
    }
    if (!row) {
      aftermath_.known_from.raise(Source::kExecutions, until);
    } else if (!effect.incomplete_until) {
      const Instant frozen = frozen_from(recorded_at, limits_);
      missed_.push_back({*row, effect.minus, order, std::max(frozen, effect.diverges_until.value_or(frozen))});
    }
    aftermath_.known_from.raise(Source::kExecutions, effect.incomplete_until);
  }

  void note_agent(const DeadImage& image, Instant recorded_at, std::optional<Instant> changed_at) {
    const bool is_plausible = changed_at && judge_time(*changed_at, recorded_at, limits_) != Timeliness::kTooFarInFuture;
    const Instant from = is_plausible ? *changed_at : recorded_at;
    aftermath_.agents.push_back({{*image.organization, AgentId{*image.id}}, from, retained_window(from, recorded_at, limits_)});
  }

  TimeLimits limits_;
  const Exclusions& excluded_;
  Aftermath& aftermath_;
  std::vector<Missed> missed_;
};

/// Joins the changes that died now with the known divergences of their rows.
Result<Divergences> joined(Statements& connection, std::string_view group, std::span<const Missed> missed, Aftermath& aftermath) {
  if (missed.empty()) return Divergences{};
  std::vector<ExecutionId> rows;
  for (const Missed& one : missed) rows.push_back(one.row);
  Divergences divergences = WEIR_TRY(read_divergences(connection, group, rows, Wanted::kAll));
  for (const auto& [row, held] : divergences) {
    if (held.counted) aftermath.windows.push_back(held.counted->key);
  }
  for (const Missed& one : missed) note_missed(divergences, one);
  return divergences;
}

}  // namespace

Result<Aftermath> aftermath_of(Statements& connection, std::string_view group, std::span<const Burial> burials, const SourceTopics& topics,
                               const TimeLimits& limits, const Exclusions& excluded, Instant now) {
  Aftermath aftermath;
  Gathering gathering(limits, excluded, aftermath);
  for (const Burial& burial : burials) {
    const runtime::Event& event = *burial.event;
    const bool is_refused = burial.kind == "decode";  // its decoder refused it
    // A record without an op was not a change.
    if (event.redriven || (is_refused && burial.why->reason == "not_an_envelope")) continue;
    const std::string_view topic = event.record.topic;
    const Instant written_at = std::min(event.record.timestamp, now);
    if (event.decoded.payload) {
      gathering.note(event);
    } else if (topic == topics.executions || topic == topics.agents) {
      const auto change = WEIR_TRY(read_dead_change(connection, event.record.value.value_or("")));
      const Instant recorded_at = change && change->recorded_at ? *change->recorded_at : written_at;
      topic == topics.executions ? gathering.note_execution(change, recorded_at) : gathering.note_agent(change, recorded_at);
    } else if (topic == topics.tasks) {
      gathering.note_task(written_at);
    } else if (topic == topics.notices) {
      for (const Source source : {Source::kExecutions, Source::kAgents, Source::kTasks}) {
        aftermath.known_from.raise(source, written_at + limits.max_future);
      }
    } else if (topic == topics.actions && !is_refused) {
      aftermath.known_from.raise(Source::kActions, written_at + limits.max_future);
    }
  }
  aftermath.divergences = WEIR_TRY(joined(connection, group, gathering.missed(), aftermath));
  std::sort(aftermath.windows.begin(), aftermath.windows.end());
  aftermath.windows.erase(std::unique(aftermath.windows.begin(), aftermath.windows.end()), aftermath.windows.end());
  return aftermath;
}

}  // namespace weir::rollups
