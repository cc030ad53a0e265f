// The working thread: claims partitions, gathers events into units of work, has the consumer apply them, and commits. Each turn() does one
// bounded step, and a fault that it returns ends the process. While Postgres works on one unit, the next is gathered. Holdings, Unit,
// Settling, Turns and the other members know the state and can be tested alone; the worker decides which of them comes next, and calls the
// ports.
#pragma once

#include "common/core/backoff.hpp"
#include "common/runtime/holdings.hpp"
#include "common/runtime/ledger.hpp"
#include "common/runtime/letters.hpp"
#include "common/runtime/mailbox.hpp"
#include "common/runtime/parking.hpp"
#include "common/runtime/pauses.hpp"
#include "common/runtime/retries.hpp"
#include "common/runtime/settling.hpp"
#include "common/runtime/tally.hpp"
#include "common/runtime/topic_id_check.hpp"
#include "common/runtime/turns.hpp"
#include "common/runtime/unit.hpp"
#include "common/telemetry/health.hpp"
#include "common/telemetry/log.hpp"
#include "common/telemetry/metrics.hpp"

#include <functional>
#include <map>
#include <random>

namespace weir::runtime {

/// A setting that is a row of the configuration has its default there, and none here.
struct Options {
  bool start_latest = false;  // consumers.NAME.start for a topic that the group has never read
  Milliseconds idle_timeout{};
  Milliseconds drain_time{};
  Milliseconds claim_retry{1'000};  // and up to five times that, with jitter
  Milliseconds gap_check{5'000};    // how often a held partition is looked at again
  Milliseconds backoff_base{100};
  Milliseconds backoff_limit{30'000};
  Milliseconds reconnect_limit{5'000};  // the limit while there is no session
  std::uint64_t seed = 0;               // of the jitter
  std::size_t lane = 0;                 // which of the process's working threads this is
  ParkingLimits parking{};
};

/// Everything outside that the worker uses.
struct Surroundings {
  Source& source;  // asked for ranges and ids, told of positions
  Ledger& ledger;
  Letters& letters;
  Mailbox& mailbox;
  const Clock& clock;
  telemetry::Log& log;
  telemetry::Metrics& metrics;
  telemetry::Health& health;
  std::function<SteadyInstant()> last_kafka_trouble;
};

/// Names of conditions of readiness. The process is not ready while Kafka does not say which topics are there, and while Postgres takes
/// nothing.
inline constexpr std::string_view kKafkaTopics = "kafka topics";
inline constexpr std::string_view kPostgres = "postgres";

class Worker {
 public:
  Worker(Consumer& consumer, Surroundings around, Options options);

  /// One step: a rebalance, a claim, a piece of work, what was fetched, a wake-up, or a wait of at most 100 ms. A Fault ends the process.
  Result<void> turn();
  /// A topic that this process has read was made again, and its gap was accepted: only a new client of Kafka can read it.
  [[nodiscard]] bool needs_new_client() const { return needs_new_client_; }
  /// From now on nothing new is admitted; what is in hand is finished.
  void drain() { draining_ = true; }
  /// Nothing is in hand.
  [[nodiscard]] bool empty_handed() const { return settling_.empty() && unit_.empty(); }
  /// Drops what is in hand and lets every partition go; for a stop by a fault.
  void abandon();
  /// While the group is being left: answers rebalances, takes nothing.
  void serve_closing();

  /// How far a partition of ours has got.
  struct Progress {
    std::int64_t next_offset = 0;
    std::optional<Instant> oldest;  // time of the oldest record that was read and is not yet committed
  };
  /// The partitions that are ours, for the lag sampler; callable from any thread.
  [[nodiscard]] std::map<TopicPartition, Progress> progress() const;
  /// The ids that the group's topics have now; callable from any thread.
  void note_topics(TopicIds ids) { topic_ids_.note(std::move(ids)); }

 private:
  // worker.cpp
  /// The name of a condition of readiness that is this lane's own.
  [[nodiscard]] std::string own(std::string_view condition) const;
  void publish_progress();

  // claims.cpp
  Result<void> handle(const Rebalanced& rebalance);
  void let_go(const std::vector<TopicPartition>& partitions, bool orderly);
  Result<bool> claim_one();
  Result<void> take_over(Partition& partition);
  Result<void> introduce(const std::string& topic);
  Result<std::optional<Gap>> find_gap(const Partition& partition, const Claim& claim);
  void hold(Partition& partition, const Gap& gap);
  void keep_rebuilt();
  void begin_reading(Partition& partition, Claim claim);
  void read_on(Partition& partition);
  void hold_reading(Partition& partition);
  void claim_broken();
  void lose(const TopicPartition& key, std::string_view why);
  void forget_events(const std::function<bool(PartitionSlot)>& gone);

  // admission.cpp
  void admit(Fetched fetched);
  void admit_record(Partition& partition, Record record, SteadyInstant now);
  void admit_end(const EndOfLog& end, std::uint64_t orders_done);
  void admit_break(const Break& broken, std::uint64_t orders_done);
  [[nodiscard]] Partition* current(const TopicPartition& key, std::uint64_t orders_done);
  void break_at_new_form(Partition& partition, const ChangePosition& change);
  [[nodiscard]] Fault rebuilt(const Partition& partition, const Incoming& incoming);
  [[nodiscard]] bool may_gather_ahead() const;
  std::optional<Milliseconds> gather_ahead();
  [[nodiscard]] bool unit_due() const;
  void close_unit();

  // settlement.cpp
  void begin_settling(std::deque<Piece> pieces);
  Result<void> attempt();
  Result<void> attempt_piece(Piece& piece);
  Result<void> prepare_alone(Piece& piece);
  Result<bool> topic_ids_stand();
  Result<void> write_piece(Piece& piece, const std::vector<PositionMove>& moves);
  Result<std::vector<End>> apply(Piece& piece, Work& work);
  void commit_succeeded(std::span<const PositionMove> moves);
  void measure(const Piece& piece);
  Result<void> piece_failed(Fault fault);
  Result<void> divide(const Fault& fault);
  Result<void> resolve();
  void retry_later(const Fault& fault);

  // letters.cpp
  [[nodiscard]] bool letters_due() const;
  Result<void> take_letters();
  void close_letters(std::vector<Incoming> letters);
  Result<void> prepare_letters(Piece& piece);
  Result<void> lock_letters(Piece& piece);
  void pace_parking(Partition& partition);

  // pausing.cpp
  Result<void> ask_for_pauses();
  Result<void> claim_moved();
  Result<bool> obey_pauses();
  void tell_pause(const Partition& partition);

  // wakeups.cpp
  [[nodiscard]] bool idle(const Partition& partition) const;
  [[nodiscard]] bool consumer_due() const;
  [[nodiscard]] bool wakeup_due() const;
  Result<void> wake();
  Result<void> wake_in(std::vector<PositionMove>& moves, bool for_consumer, RefusedKeys& refused_keys);
  Result<void> wake_failed(const Fault& fault, std::span<const PositionMove> moves);
  void wake_refused(const Fault& fault);
  void tell_refused_keys(RefusedKeys refused);
  void forget_letters();

  Consumer& consumer_;
  Surroundings around_;
  Options options_;
  Description description_;
  DecoderTable decoders_;

  Holdings holdings_;       // partitions
  Unit unit_;               // gathered
  Settling settling_;       // closed, in order
  Retries retries_;         // of the piece at hand
  Tally tally_;             // of the attempt at hand
  DeadShares dead_shares_;  // of what is committed
  TopicIdCheck topic_ids_;
  Turns turns_;
  RefusedKeys refused_keys_;  // counted by the last wake-up
  Pauses pauses_;             // as the ledger last said

  bool any_broken_ = false;
  bool needs_new_client_ = false;
  bool draining_ = false;
  bool revoking_ = false;                         // a revocation is being answered
  std::optional<Fault> stop_after_unit_;          // nothing more is admitted; the process ends once what is in hand is committed
  std::optional<std::pair<Claim, Gap>> rebuilt_;  // a rebuilt source's gap, to be kept for the operator
  std::minstd_rand random_;
  mutable std::mutex published_mutex_;
  std::map<TopicPartition, Progress> published_;
};

}  // namespace weir::runtime
