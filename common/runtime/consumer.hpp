// The contract of a consumer. It owns no thread, socket or clock; it never commits, sleeps or retries. It is told a batch, a unit of
// work and the time; it reads what it needs in one query, decides in pure functions, writes, and says how each event ended.
#pragma once

#include "common/core/result.hpp"
#include "common/runtime/event.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::postgres {
class Connection;
}

namespace weir::runtime {

/// What a topic is to a group.
enum class TopicRole : std::uint8_t {
  kInput,    // it must be there, and its records' times move the group's watermark
  kNotices,  // tells now and then of what befell a stream: it need not be there, is read from its beginning, and holds no watermark back
};

struct TopicBinding {
  std::string topic;
  std::shared_ptr<Decoder> decoder;
  TopicRole role = TopicRole::kInput;
};

/// A unit of work is flushed when the first of these is reached.
struct FlushLimits {
  Milliseconds interval{1'000};
  std::size_t max_records = 20'000;
  std::size_t max_bytes = 32UL << 20U;
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
  /// The transaction's connection. The consumer must not commit, roll back or keep it.
  virtual postgres::Connection& connection() = 0;
  /// The minimum over the group's partitions of their stored watermarks, as this transaction leaves them;
  /// none while a partition has none yet (its owner has not read to an event or to the end).
  virtual Result<std::optional<Instant>> group_watermark() = 0;
};

/// What the events of a batch come to before anything is asked or written. Pure: the runtime folds the next batch while Postgres is at the
/// one before, and throws the fold away where something changes what is in hand.
class Fold {
 public:
  Fold() = default;
  Fold(const Fold&) = delete;
  Fold& operator=(const Fold&) = delete;
  virtual ~Fold() = default;
  /// In order. The event may move afterwards, its payload stays where it is until the batch has ended.
  virtual void add(const Event& event) = 0;
};

/// A dead letter that the consumer did not decide upon: the decoder refused its record, Postgres refused what it led to, or it ended the
/// process.
struct Burial {
  const Event* event = nullptr;  // without a payload, unless it was Postgres that refused it
  std::string_view kind;         // decode, database, crash
  const Dead* why = nullptr;
};

enum class Settlement : std::uint8_t {
  kCommitted,   // what apply() or wake() wrote is there
  kRolledBack,  // it is not: forget what it put in memory
  kReset,       // partitions came or went: forget everything that is kept in memory
};

class Consumer {
 public:
  virtual ~Consumer() = default;
  [[nodiscard]] virtual Description describe() const = 0;
  /// Checks that the database has what this consumer needs; called once after connecting, before the first assignment.
  virtual Result<void> prepare(postgres::Connection&) { return {}; }
  /// An empty one; null: there is nothing to fold ahead.
  [[nodiscard]] virtual std::unique_ptr<Fold> fold() const { return nullptr; }
  /// Told of a batch's burials, before apply() and in the same transaction: what they leave untrue can be said with them.
  virtual Result<void> bury(std::span<const Burial>, Work&, Instant) { return {}; }
  /// Exactly one Outcome an event, in order. `folded` is a fold() of exactly these events, to be used up.
  virtual Result<std::vector<Outcome>> apply(std::span<const Event* const> batch, Fold* folded, Work& work, Instant now) = 0;
  /// How long after the last wake() the next one is due; the first is at once. By a clock that no step of the machine's time reaches: set
  /// back by a day, it would close no window for a day. None: never.
  [[nodiscard]] virtual std::optional<Microseconds> next_wakeup() const { return std::nullopt; }
  /// Work that time brings: windows to close. Committed under the same check of positions as a batch.
  virtual Result<void> wake(Work&, Instant) { return {}; }
  virtual void settled(Settlement) {}
};

}  // namespace weir::runtime
