// The contract of a consumer. It owns no thread, socket or clock; it never commits, sleeps or retries. The runtime gives it a batch of
// events, an open transaction and the time. The consumer reads the rows that it needs in one query, decides in pure functions, writes, and
// says how each event ended.
#pragma once

#include "common/core/result.hpp"
#include "common/runtime/event_run.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::postgres {
class Statements;
}

namespace weir::runtime {

/// What a topic is to a group.
enum class TopicRole : std::uint8_t {
  kInput,    // it must be there, and its records' times move the group's watermark
  kNotices,  // its rare records tell what befell another topic's: it need not exist, is read from its start, holds no watermark back
};

struct TopicBinding {
  std::string topic;
  std::function<std::shared_ptr<Decoder>()> make_decoder;  // called once for each working thread, which alone uses it
  TopicRole role = TopicRole::kInput;
};

/// A unit of work is flushed when the first of these is reached. Each has a row of configuration, and so no default here.
struct FlushLimits {
  Milliseconds interval{};
  std::size_t max_records = 0;
  std::size_t max_bytes = 0;
};

struct Description {
  std::string name;   // "rollups": names the component, its configuration (consumers.NAME) and metrics
  std::string group;  // "weir.rollups"
  std::vector<TopicBinding> topics;
  FlushLimits flush;
};

/// One open transaction. Everything that a consumer writes goes through it; the runtime adds dead letters, counts and positions, and
/// commits.
class Work {
 public:
  virtual ~Work() = default;
  /// The statements that the consumer may run in the transaction. They are good for as long as the transaction is.
  virtual postgres::Statements& statements() = 0;
  /// The lowest stored watermark of the group's partitions, as this transaction leaves them. None while a partition has no watermark yet,
  /// because its owner has reached neither an event nor the end of the log.
  virtual Result<std::optional<Instant>> group_watermark() = 0;
};

/// The sum of a batch's events, made before the consumer asks Postgres for anything. A fold is pure, because the runtime folds the next
/// batch while Postgres works on the one before, and throws the fold away where the events in hand change.
class Fold {
 public:
  Fold() = default;
  Fold(const Fold&) = delete;
  Fold& operator=(const Fold&) = delete;
  virtual ~Fold() = default;
  /// Called with the events in order, run by run. Events may move in memory afterwards; their payloads keep their addresses until the batch
  /// has ended.
  virtual void add(const EventRun& run) = 0;
  void add_all(std::span<const Event* const> batch) {
    for_each_run(batch, [this](const EventRun& run) { add(run); });
  }
};

/// A dead letter that the consumer did not decide upon: the decoder refused the record, Postgres refused the rows that came of it, or the
/// record ended the process.
struct Burial {
  const Event* event = nullptr;  // has a payload only where Postgres refused it
  std::string_view kind;         // decode, database, crash
  const Dead* why = nullptr;
};

enum class Settlement : std::uint8_t {
  kCommitted,   // what apply() or wake() wrote is committed
  kRolledBack,  // what they wrote is gone: forget what they put in memory
  kReset,       // partitions came or went: forget everything that is in memory
};

class Consumer {
 public:
  virtual ~Consumer() = default;
  /// Called at any time and more than once, so that it opens nothing and makes no decoder.
  [[nodiscard]] virtual Description describe() const = 0;
  /// Checks that the database has what this consumer needs; called once after connecting, before the first assignment.
  virtual Result<void> prepare(postgres::Statements&) { return {}; }
  /// Makes an empty fold; null where the consumer has nothing to fold ahead.
  [[nodiscard]] virtual std::unique_ptr<Fold> fold() const { return nullptr; }
  /// Called with a batch's burials before apply() and in the same transaction, so that the consumer can write, together with the dead
  /// letters, which of its results they leave incomplete.
  virtual Result<void> bury(std::span<const Burial>, Work&, Instant) { return {}; }
  /// Returns exactly one Outcome an event, in order. `folded` is a fold() of exactly these events, which apply() may use up.
  virtual Result<std::vector<Outcome>> apply(std::span<const Event* const> batch, Fold* folded, Work& work, Instant now) = 0;
  /// How long after the last wake() the next wake() is due; the first is due at once. None: wake() is never called. The runtime measures
  /// this time by the steady clock: by the wall clock no window would close for a day after the clock was set back by a day.
  [[nodiscard]] virtual std::optional<Microseconds> next_wakeup() const { return std::nullopt; }
  /// Does the work that time brings, for example closing windows. It is committed under the same check of positions as a batch. Work for
  /// many keys, such as organizations, goes through group_state::WakeupKeys, so that the data of one key does not stop the others.
  virtual Result<void> wake(Work&, Instant) { return {}; }
  virtual void settled(Settlement) {}
};

}  // namespace weir::runtime
