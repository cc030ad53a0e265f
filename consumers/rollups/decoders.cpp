// Lists the columns that are used, and makes rows of their values.
#include "consumers/rollups/decoders.hpp"

#include "common/events/action.hpp"
#include "common/events/action_id.hpp"
#include "common/events/change_decoder.hpp"
#include "consumers/rollups/facts.hpp"

#include <limits>

namespace weir::rollups {

namespace {

using events::Change;
using events::Column;
using events::ColumnType;
using events::RowImage;
using events::value_at;
using runtime::Dead;
using runtime::Decoded;
using runtime::DecodeResult;
using runtime::Skipped;

constexpr std::size_t kOrganization = events::kOrganizationColumn;

template <class T>
DecodeResult decoded(T fact, const Change& change, std::optional<Instant> event_time, const std::optional<ExecutionId>& row = std::nullopt,
                     std::vector<QueueMove> moves = {}) {
  return events::decoded(std::make_unique<Fact>(std::move(fact), row, std::move(moves)), change, event_time);
}

/// Makes the smallest fact that has this effect.
DecodeResult decoded(ExecutionEffect effect, const Change& change, const std::optional<ExecutionId>& row, std::vector<QueueMove> moves) {
  const auto event_time = effect.event_time;
  if (!effect.minus && !effect.refusal && !effect.incomplete_until) {
    if (!effect.skipped.empty()) return decoded(Ignored{effect.skipped}, change, event_time, row, std::move(moves));
    if (effect.plus) return decoded(*effect.plus, change, event_time, row, std::move(moves));
  }
  return decoded(std::make_unique<const ExecutionEffect>(std::move(effect)), change, event_time, row, std::move(moves));
}

/// Whether the old row is missing: without REPLICA IDENTITY FULL `before` is null, or has only the primary key and so not even a status,
/// which every row has.
bool lacks_identity(const Change& change, std::size_t status) {
  const char op = change.position.op;
  if (op != 'u' && op != 'd') return false;
  if (!change.before) return true;
  const bool says_why =
      change.before_fault && change.before_fault->reason != "missing_field" && change.before_fault->reason != "missing_organization";
  return !says_why && !value_at<std::string>(*change.before, status);
}

/// The fact of a snapshot's row, or of a truncation.
Incomplete snapshot_of(Source source, const Change& change, const TimeLimits& limits) {
  return {source, change.position.recorded_at + limits.max_future, "snapshot"};
}

// ---- agent_executions ----

namespace execution {

enum : std::size_t {
  kAgent = kOrganization + 1,
  kStatus,
  kProgress,
  kStarted,
  kCompleted,
  kUpdated,
  kTime,
  kMemory,
  kCpu,
  kQuality,
  kConfidence,
  kRating,
  kId,
};

/// updated_at only stands in for completed_at, so that a source may filter it out.
std::vector<Column> columns() {
  return {{"organization_id", ColumnType::kUuid, false},
          {"agent_id", ColumnType::kUuid, true},
          {"status", ColumnType::kText, true},
          {"progress", ColumnType::kInteger, true},
          {"started_at", ColumnType::kInstant, true},
          {"completed_at", ColumnType::kInstant, true},
          {"updated_at", ColumnType::kInstant, true, true},
          {"execution_time_ms", ColumnType::kNanos, true},
          {"memory_mb", ColumnType::kNanos, true},
          {"cpu_percent", ColumnType::kNanos, true},
          {"quality_score", ColumnType::kNanos, true},
          {"confidence_score", ColumnType::kNanos, true},
          {"user_rating", ColumnType::kInteger, true},
          {"id", ColumnType::kUuid, true, true}};
}

ExecutionRow row(const RowImage& image) {
  ExecutionRow out;
  out.organization = OrganizationId{*value_at<Uuid>(image, kOrganization)};
  out.agent = AgentId{*value_at<Uuid>(image, kAgent)};
  out.status = *value_at<std::string>(image, kStatus);
  out.progress = value_at<std::int64_t>(image, kProgress);
  out.started_at = value_at<Instant>(image, kStarted);
  out.completed_at = value_at<Instant>(image, kCompleted);
  out.updated_at = value_at<Instant>(image, kUpdated);
  out.execution_time = value_at<std::int64_t>(image, kTime);
  out.memory = value_at<std::int64_t>(image, kMemory);
  out.cpu = value_at<std::int64_t>(image, kCpu);
  out.quality = value_at<std::int64_t>(image, kQuality);
  out.confidence = value_at<std::int64_t>(image, kConfidence);
  out.rating = value_at<std::int64_t>(image, kRating);
  return out;
}

std::optional<ExecutionId> id(const Change& change) {
  const std::optional<RowImage>& image = change.after ? change.after : change.before;
  const auto value = image ? value_at<Uuid>(*image, kId) : std::nullopt;
  return value ? std::optional(ExecutionId{*value}) : std::nullopt;
}

/// Whether the row has a form that this weir does not know, for example after a column was renamed. Then nobody can tell for what the row
/// counted. A row with a forbidden value is another case: it counted for nothing.
bool is_of_another_form(const std::optional<Dead>& fault) {
  return fault && (fault->reason == "missing_field" || fault->reason == "wrong_type");
}

/// The reader's reason as a literal, which a refusal keeps.
std::string_view literal_of(std::string_view reason) {
  for (const std::string_view known : {"out_of_domain", "wrong_type", "missing_organization"}) {
    if (reason == known) return known;
  }
  return "missing_field";
}

}  // namespace execution

class ExecutionDecoder final : public events::ChangeDecoder {
 public:
  explicit ExecutionDecoder(const TimeLimits& limits) : ChangeDecoder(execution::columns()), limits_(limits) {}

 private:
  DecodeResult take(Change& change, const runtime::Record& record) override {
    if (is_snapshot(change)) return snapshot(change);
    if (lacks_identity(change, execution::kStatus)) return without_identity(record);
    // A row that could not be taken when it came was never counted, so nothing of it is taken out.
    const auto before = unfit(change.before, change.before_fault) ? std::nullopt : row(change.before);
    auto fault = unfit(change.after, change.after_fault);
    const auto after = fault ? std::nullopt : row(change.after);
    const Instant at = change.position.recorded_at;
    ExecutionEffect effect = judge_execution(before, after, at, limits_);
    const bool is_unread = execution::is_of_another_form(change.before_fault);
    if (is_unread) effect.incomplete_until = at + limits_.max_future;
    if (fault) {
      effect.refusal = Refusal{execution::literal_of(fault->reason), std::move(fault->path), std::move(fault->message), fault->of_form};
      // Where `before` cannot be read, nobody knows what the windows hold.
      if (!is_unread) effect.diverges_until = frozen_from(at, limits_);
    }
    return decoded(std::move(effect), change, execution::id(change), moves_of_execution(before, after));
  }

  static std::optional<ExecutionRow> row(const std::optional<RowImage>& image) {
    return image ? std::optional(execution::row(*image)) : std::nullopt;
  }

  /// Why no row can be made of an image.
  [[nodiscard]] std::optional<Dead> unfit(const std::optional<RowImage>& image, const std::optional<Dead>& fault) const {
    if (fault || !image) return fault;
    return missing_column(*image, columns(), {kOrganization, execution::kAgent, execution::kStatus});
  }

  [[nodiscard]] DecodeResult snapshot(const Change& change) const {
    Incomplete incomplete = snapshot_of(Source::kExecutions, change, limits_);
    if (change.after && !unfit(change.after, change.after_fault)) {
      incomplete.diverges_until = uncounted_until(execution::row(*change.after), change.position.recorded_at, limits_);
    }
    return decoded(incomplete, change, std::nullopt, execution::id(change));
  }

  /// The topic ends in the table's schema and name.
  static DecodeResult without_identity(const runtime::Record& record) {
    const std::size_t name = record.topic.rfind('.');
    const std::size_t schema = name == std::string_view::npos || name == 0 ? name : record.topic.rfind('.', name - 1);
    Decoded out;
    out.payload = std::make_unique<Fact>(
        MissingIdentity{std::string(schema == std::string_view::npos ? record.topic : record.topic.substr(schema + 1))});
    out.recorded_at = record.timestamp;
    return out;
  }

  TimeLimits limits_;
};

// ---- agent_instances ----

class AgentDecoder final : public events::ChangeDecoder {
 public:
  explicit AgentDecoder(const TimeLimits& limits)
      : ChangeDecoder({{"organization_id", ColumnType::kUuid, false},
                       {"id", ColumnType::kUuid, true},
                       {"status", ColumnType::kText, true},
                       {"status_changed_at", ColumnType::kInstant, true},
                       {"created_at", ColumnType::kInstant, true},
                       {"name", ColumnType::kText, true, true}}),
        limits_(limits) {}

 private:
  enum : std::size_t { kId = kOrganization + 1, kStatus, kChanged, kCreated, kName };

  DecodeResult take(Change& change, const runtime::Record&) override {
    if (is_snapshot(change)) return decoded(snapshot_of(Source::kAgents, change, limits_), change, std::nullopt);
    if (change.after_fault) return ends(std::move(*change.after_fault), change);
    const auto before = change.before ? row(*change.before) : std::nullopt;
    if (!change.after && !before) {
      return ends(Dead{"missing_field", "/before/created_at", "a deleted agent needs its row in before", !change.before}, change);
    }
    std::optional<AgentRow> after;
    if (change.after) {
      if (auto dead = fault(*change.after, change.position.recorded_at)) return ends(std::move(*dead), change);
      after = row(*change.after);
    }
    const Instant at = after ? after->status_changed_at : change.position.recorded_at;
    AgentChange facts{facts_of(before, after, order_of(change.position), change.position.recorded_at, limits_)};
    return decoded(std::move(facts), change, at);
  }

  [[nodiscard]] std::optional<Dead> fault(const RowImage& image, Instant recorded_at) const {
    if (auto dead = missing_column(image, columns(), {kOrganization, kId, kStatus, kChanged, kCreated})) return dead;
    if (!parse_agent_status(*value_at<std::string>(image, kStatus))) {
      return Dead{"out_of_domain", "/after/status", "status must be idle, busy, error, offline or maintenance"};
    }
    const Instant changed_at = *value_at<Instant>(image, kChanged);
    if (judge_time(changed_at, recorded_at, limits_) == Timeliness::kTooFarInFuture) {
      return Dead{"too_far_in_future", "/after/status_changed_at",
                  "the status changed at " + format_instant(changed_at) + ", too far after its record of " + format_instant(recorded_at)};
    }
    return std::nullopt;
  }

  /// None where the image lacks a part of it.
  [[nodiscard]] std::optional<AgentRow> row(const RowImage& image) const {
    if (missing_column(image, columns(), {kOrganization, kId, kStatus, kChanged, kCreated})) return std::nullopt;
    const auto status = parse_agent_status(*value_at<std::string>(image, kStatus));
    if (!status) return std::nullopt;
    return AgentRow{{OrganizationId{*value_at<Uuid>(image, kOrganization)}, AgentId{*value_at<Uuid>(image, kId)}},
                    *status,
                    *value_at<Instant>(image, kChanged),
                    *value_at<Instant>(image, kCreated),
                    value_at<std::string>(image, kName)};
  }

  TimeLimits limits_;
};

// ---- agent_task_queue ----

/// A queue is a lesser matter than metrics: a change that lacks the row before it stops no group, but from then on nobody knows how long
/// the queue is.
class TaskDecoder final : public events::ChangeDecoder {
 public:
  explicit TaskDecoder(const TimeLimits& limits)
      : ChangeDecoder({{"organization_id", ColumnType::kUuid, false},
                       {"status", ColumnType::kText, true},
                       {"enqueued_at", ColumnType::kInstant, true},
                       {"updated_at", ColumnType::kInstant, true}}),
        limits_(limits) {}

 private:
  enum : std::size_t { kStatus = kOrganization + 1, kEnqueued, kUpdated };

  DecodeResult take(Change& change, const runtime::Record&) override {
    const Instant at = change.position.recorded_at;
    if (change.position.op == 't') return decoded(snapshot_of(Source::kTasks, change, limits_), change, std::nullopt);
    if (is_snapshot(change)) return ends(Skipped{"snapshot"}, change);
    if (change.after_fault) return ends(std::move(*change.after_fault), change);
    if (change.after) {
      if (auto dead = fault(*change.after)) return ends(std::move(*dead), change);
    }
    const std::optional<Instant> event_time = change.after ? time_of(*change.after) : at;
    if (lacks_identity(change, kStatus) || change.before_fault) {
      return decoded(Incomplete{Source::kTasks, at + limits_.max_future, "without_old_row"}, change, event_time);
    }
    auto moves = moves_of_task(row(change.before), row(change.after), at, limits_);
    if (moves.empty()) return decoded(Ignored{"not_queued"}, change, event_time);
    return decoded(TaskChange{}, change, event_time, std::nullopt, std::move(moves));
  }

  [[nodiscard]] std::optional<Dead> fault(const RowImage& image) const {
    if (auto dead = missing_column(image, columns(), {kStatus})) return dead;
    const auto status = value_at<std::string>(image, kStatus);
    if (*status != "queued" && *status != "assigned" && *status != "done" && *status != "cancelled") {
      return Dead{"out_of_domain", "/after/status", "status must be queued, assigned, done or cancelled"};
    }
    if (*status == "queued") return missing_column(image, columns(), {kEnqueued});
    return std::nullopt;
  }

  static std::optional<Instant> time_of(const RowImage& image) { return value_at<Instant>(image, is_queued(image) ? kEnqueued : kUpdated); }

  static bool is_queued(const RowImage& image) { return value_at<std::string>(image, kStatus) == "queued"; }

  static std::optional<TaskRow> row(const std::optional<RowImage>& image) {
    if (!image) return std::nullopt;
    const auto enqueued_at = value_at<Instant>(*image, kEnqueued);
    return TaskRow{OrganizationId{*value_at<Uuid>(*image, kOrganization)}, is_queued(*image) && enqueued_at,
                   enqueued_at.value_or(Instant{}), value_at<Instant>(*image, kUpdated)};
  }

  TimeLimits limits_;
};

// ---- weir.actions.v1 ----

class ActionDecoder final : public runtime::Decoder {
 public:
  explicit ActionDecoder(const TimeLimits& limits) : limits_(limits) {}

  DecodeResult decode(const runtime::Record& record) override {
    auto read = reader_.read_record(record);
    Decoded out;
    out.recorded_at = record.timestamp;
    if (auto* none = std::get_if<events::NoAction>(&read)) {
      out.organization = none->organization;
      return {std::move(none->why), std::move(out)};
    }
    const events::Action& action = std::get<events::Action>(read);
    out.organization = action.organization;
    out.event_id = events::action_event_id(*action.organization, action.source, action.id);
    const auto says = [&](const char* reason, const char* what) -> DecodeResult {
      return {Dead{reason, "/time", "the action's time " + format_instant(action.time) + what + format_instant(record.timestamp)},
              std::move(out)};
    };
    switch (judge_time(action.time, record.timestamp, limits_)) {
      case Timeliness::kFits:
        break;
      case Timeliness::kTooOld:
        return says("too_old", " is before what is retained at its record's time ");
      case Timeliness::kTooFarInFuture:
        return says("too_far_in_future", " is too far after its record's time ");
    }
    out.event_time = action.time;
    if (action.type != "user.action") {
      out.payload = std::make_unique<Fact>(Ignored{"not_engagement"});
      return out;
    }
    out.payload = std::make_unique<Fact>(
        ActionFact{*out.event_id, *action.organization, action.action_name, action.time, action.user, action.session});
    return out;
  }

 private:
  TimeLimits limits_;
  events::ActionReader reader_;
};

}  // namespace

std::shared_ptr<runtime::Decoder> execution_decoder(const TimeLimits& limits) { return std::make_shared<ExecutionDecoder>(limits); }
std::shared_ptr<runtime::Decoder> agent_decoder(const TimeLimits& limits) { return std::make_shared<AgentDecoder>(limits); }
std::shared_ptr<runtime::Decoder> task_decoder(const TimeLimits& limits) { return std::make_shared<TaskDecoder>(limits); }
std::shared_ptr<runtime::Decoder> action_decoder(const TimeLimits& limits) { return std::make_shared<ActionDecoder>(limits); }

}  // namespace weir::rollups
