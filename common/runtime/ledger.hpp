// The runtime's port to Postgres: where positions, dead letters and outcome counts are kept, and the one transaction that moves them.
// PostgresLedger implements it; tests use testing::FakeLedger.
#pragma once

#include "common/core/result.hpp"
#include "common/core/uuid.hpp"
#include "common/runtime/caution.hpp"
#include "common/runtime/consumer.hpp"
#include "common/runtime/pauses.hpp"
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

/// What a group has committed, or is about to commit, about one partition.
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

/// An operator has accepted that records below `until` die of their form for this reason at this path: these deaths raise no alarm.
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
  std::optional<Uuid> topic_id;                // of the topic that the position belongs to; none after an operator accepted a gap
  int deaths = 0;                              // owners that died at this next_offset
  std::optional<std::int64_t> attempt_offset;  // the event that was alone in hand when the last owner died
  std::optional<Gap> open_gap;                 // found here before and waiting for an operator; the log may not show it any more
  std::vector<AcceptedDeaths> accepted_deaths;
};

/// Moves a partition from `expected` to `position`, if it is still ours under `epoch`.
struct PositionMove {
  TopicPartition partition;
  std::int64_t epoch = 0;
  std::int64_t expected = 0;
  Position position;
  Caution caution = Caution::kNone;  // how the events were taken; stored as a number of deaths
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
  std::optional<std::string> waits_for{};  // of a parked record; none: the record is dead
};

struct OutcomeKey {
  TopicPartition partition;
  std::string outcome;  // done, skipped, re_sent, dead, parked
  std::string reason;
  friend auto operator<=>(const OutcomeKey&, const OutcomeKey&) = default;
};
using OutcomeCounts = std::map<OutcomeKey, std::int64_t>;

/// What Postgres says of a partition after a commit that was refused or whose answer was lost.
struct Standing {
  bool mine = false;             // the epoch is still ours
  std::int64_t next_offset = 0;  // where the stored position stands
};

/// The number of keys that each of the group's wake-ups goes on without, because Postgres refuses their data.
using RefusedKeys = std::map<std::string, std::int64_t>;

class Ledger {
 public:
  virtual ~Ledger() = default;

  /// Opens a new session where the last one was lost: ends the lost session's backend together with its locks, and makes the new session
  /// the owner of every partition that the lost one owned, and of those in `held` under their epochs.
  virtual Result<void> ensure_connected(std::span<const Claim> held) = 0;
  /// Gives the partitions of a topic their first rows; rows that are there stay. A topic that the group has never read begins at the log's
  /// start, or at its end with `from_latest`; a partition that is new in a known topic begins at its start.
  virtual Result<void> introduce(const std::string& topic, const Uuid& topic_id, std::span<const LogRange> ranges, bool from_latest) = 0;
  /// Raises the epoch and takes the partition over: a live session of the last owner is ended first. kPgLockTimeout: another claim is under
  /// way.
  virtual Result<Claim> claim(const TopicPartition& partition) = 0;
  /// Notes which topic the position belongs to, under the claim's epoch.
  virtual Result<void> bind_topic(const Claim& claim, const Uuid& topic_id) = 0;
  /// Lets partitions go in good order: clears owner and deaths. Where this fails, the next session makes up for it.
  virtual Result<void> release(std::span<const Claim> claims) = 0;
  /// Says, in a transaction of its own, that the event at `offset` is alone in hand.
  virtual Result<void> mark_attempt(const Claim& claim, std::int64_t offset) = 0;

  /// Opens the transaction of a unit of work. `pending` are the moves that the unit will make, for group_watermark().
  virtual Result<Work*> begin(std::span<const PositionMove> pending) = 0;
  /// Writes kept records, counts and moves, and commits. kFenced: a move did not find its row. kCommitInDoubt: the answer was lost.
  /// After any fault the transaction is gone.
  virtual Result<void> commit(std::span<const DeadLetter> dead, const OutcomeCounts& counts, std::span<const PositionMove> moves) = 0;
  virtual void rollback() = 0;
  /// Sets the work that is done, a little at a time, while the ledger waits for Postgres. `work` answers after how long it should be called
  /// again; none: not before the next wait. It must not use the ledger. An empty function: no work.
  virtual void meanwhile(std::function<std::optional<Milliseconds>()> work) = 0;
  /// Reads the positions FOR UPDATE, because a plain read may see the old value while the old backend still commits. Opens a new session
  /// where the last one was lost.
  virtual Result<std::vector<Standing>> standings(std::span<const Claim> claims) = 0;

  /// Keeps a gap that was found under this claim for the operator, once. False: nothing was kept, because the claim no longer stands: an
  /// operator has accepted the gap meanwhile, or another owner has come.
  virtual Result<bool> record_gap(const Claim& claim, const Gap& gap) = 0;
  /// Whether a source's changes may come into the claimed partition with keys of this form. The first form that the group meets in a topic
  /// may. Another form is noted, and may come into every partition once an operator has accepted the gap. The form before that one may
  /// still come into a partition that knows no form yet, because records from before the change may wait there.
  virtual Result<bool> admit_key_form(const Claim& claim, const SourceKeyForm& form) = 0;
  /// Keeps for the operator that Postgres refused the group's wake-up for its data, until a wake-up succeeds.
  virtual Result<void> keep_refused_wakeup(const Fault& fault, Milliseconds pause) = 0;
  /// Removes that again, within the transaction of a wake-up that succeeds.
  virtual Result<void> forget_refused_wakeup() = 0;
  /// Counts the keys that the wake-ups go on without, as the open transaction of a wake-up leaves them.
  virtual Result<RefusedKeys> refused_keys() = 0;
  /// The places that an operator has paused.
  virtual Result<Pauses> pauses() = 0;
  /// The time by Postgres' clock.
  virtual Result<Instant> now() = 0;
  /// Removes a few of the group's dead letters that were resolved or discarded so long ago that their retention is over. Does nothing
  /// without a session.
  virtual Result<void> forget_letters() = 0;
};

}  // namespace weir::runtime
