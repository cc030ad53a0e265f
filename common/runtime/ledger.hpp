// The runtime's port to Postgres: where positions, dead letters and outcome counts are kept, and the one transaction that moves them.
// PostgresLedger implements it; tests use testing::FakeLedger.
#pragma once

#include "common/core/result.hpp"
#include "common/core/uuid.hpp"
#include "common/runtime/caution.hpp"
#include "common/runtime/consumer.hpp"
#include "common/runtime/source.hpp"
#include "common/runtime/source_position.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::runtime {

/// What a group knows of one partition, as far as it is committed (or is about to be).
struct Position {
  std::int64_t next_offset = 0;
  std::int32_t leader_epoch = -1;
  std::optional<Instant> watermark;
  std::optional<Instant> idle_since;
  SourcePositions sources;
};

struct Gap {
  TopicPartition partition;
  std::string kind;  // below_log_start, above_log_end, topic_recreated, log_truncated, source_rebuilt, key_form_changed
  std::int64_t next_offset = 0;
  LogRange log;
};

/// An operator has accepted that records below `until` die of their form for this reason at this path: they trip no alarm.
struct AcceptedDeaths {
  std::string reason;
  std::string path;
  std::int64_t until = 0;
};

/// A partition that is ours under `epoch`.
struct Claim {
  TopicPartition partition;
  bool known = false;  // false: the group has no position here yet, and nothing was claimed
  std::int64_t epoch = 0;
  Position position;
  std::optional<Uuid> topic_id;                // that the position belongs to; none after an operator accepted a gap
  int deaths = 0;                              // owners that died at this next_offset
  std::optional<std::int64_t> attempt_offset;  // the event that was alone in hand when the last owner died
  std::optional<Gap> open_gap;                 // found here before, waits for an operator, and may not show any more by itself
  std::vector<AcceptedDeaths> accepted_deaths;
};

/// Moves a partition from `expected` to `position`, if it is still ours under `epoch`.
struct PositionMove {
  TopicPartition partition;
  std::int64_t epoch = 0;
  std::int64_t expected = 0;
  Position position;
  Caution caution = Caution::kNone;  // how the events were taken: kept on record as deaths
};

/// A record that is kept: dead, or parked until what it waits for is there.
struct DeadLetter {
  const Record* record = nullptr;
  std::string kind;  // decode, rule, database, crash
  Dead why;
  std::string constraint;
  Instant occurred_at{};
  std::optional<OrganizationId> organization{};
  std::optional<Uuid> event_id{};
  std::optional<std::string> waits_for{};  // of one that is parked; none: it is dead
};

struct OutcomeKey {
  TopicPartition partition;
  std::string outcome;  // done, skipped, re_sent, dead, parked
  std::string reason;
  friend auto operator<=>(const OutcomeKey&, const OutcomeKey&) = default;
};
using OutcomeCounts = std::map<OutcomeKey, std::int64_t>;

/// What Postgres says of a partition after a commit whose answer was lost, or that was refused.
struct Standing {
  bool mine = false;             // the epoch is still ours
  std::int64_t next_offset = 0;  // where the stored position stands
};

class Ledger {
 public:
  virtual ~Ledger() = default;

  /// Opens the session again where it was lost: ends the backend of the one before, with its locks, and makes the new one the owner of
  /// what was that one's and of the partitions held under their epochs.
  virtual Result<void> ensure_connected(std::span<const Claim> held) = 0;
  /// Gives the partitions of a topic their first rows; rows that are there stay. A topic that the group has never read begins at the log's
  /// start, or at its end with `from_latest`; a partition that is new in a known topic begins at its start.
  virtual Result<void> introduce(const std::string& topic, const Uuid& topic_id, std::span<const LogRange> ranges, bool from_latest) = 0;
  /// Raises the epoch and takes the partition over: a live session of the last owner is ended first. kPgLockTimeout: another claim is under
  /// way.
  virtual Result<Claim> claim(const TopicPartition& partition) = 0;
  /// Notes which topic the position belongs to, under the claim's epoch.
  virtual Result<void> bind_topic(const Claim& claim, const Uuid& topic_id) = 0;
  /// Lets partitions go in good order: clears owner and deaths. What fails is made up for with the next session.
  virtual Result<void> release(std::span<const Claim> claims) = 0;
  /// Says, in a transaction of its own, that the event at `offset` is alone in hand.
  virtual Result<void> mark_attempt(const Claim& claim, std::int64_t offset) = 0;

  /// Opens the transaction of a unit of work. `pending` are the moves that it will make, for group_watermark().
  virtual Result<Work*> begin(std::span<const PositionMove> pending) = 0;
  /// Writes kept records, counts and moves, and commits. kFenced: a move did not find its row. kCommitInDoubt: the answer was lost.
  /// After any fault the transaction is gone.
  virtual Result<void> commit(std::span<const DeadLetter> dead, const OutcomeCounts& counts, std::span<const PositionMove> moves) = 0;
  virtual void rollback() = 0;
  /// What is done, a little at a time, while Postgres is waited for: `work` says after how long it is worth calling again, or that it is
  /// not before the next wait. It must not use the ledger. An empty function: nothing.
  virtual void meanwhile(std::function<std::optional<Milliseconds>()> work) = 0;
  /// Reads the rows FOR UPDATE (a plain read may see the old value while the old backend still commits), over a new session where need be.
  virtual Result<std::vector<Standing>> standings(std::span<const Claim> claims) = 0;

  /// Keeps a gap that was found under this claim for the operator, once. False: the claim stands no more, since an operator has accepted
  /// the gap meanwhile or another owner has come, and nothing was kept.
  virtual Result<bool> record_gap(const Claim& claim, const Gap& gap) = 0;
  /// Whether the changes of a source may come with keys of this form into the claimed partition. The first form that the group meets in a
  /// topic may; another one is noted, and may come everywhere once an operator has accepted the gap. A partition that knows no form yet may
  /// still hold records from before the last such change.
  virtual Result<bool> admit_key_form(const Claim& claim, const SourceKeyForm& form) = 0;
  /// Keeps for the operator that Postgres refused the group's wake-up for its data, until it comes through.
  virtual Result<void> keep_refused_wakeup(const Fault& fault, Milliseconds pause) = 0;
  /// Within the transaction of a wake-up: it comes through.
  virtual Result<void> forget_refused_wakeup() = 0;
  /// Postgres' clock.
  virtual Result<Instant> now() = 0;
  /// Removes some of the group's dead letters that were resolved or discarded longer ago than they are retained; nothing where there is no
  /// session.
  virtual Result<void> forget_letters() = 0;
};

}  // namespace weir::runtime
