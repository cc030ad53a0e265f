// The working thread: claims partitions, gathers events into units of work, has the consumer apply them, and commits. Each turn() does
// one bounded step; the ways in which it stops are the faults that it returns. While Postgres is at one unit the next is gathered.
#pragma once

#include "common/runtime/dead_share.hpp"
#include "common/runtime/ledger.hpp"
#include "common/runtime/letters.hpp"
#include "common/runtime/mailbox.hpp"
#include "common/runtime/waiting_keys.hpp"
#include "common/telemetry/health.hpp"
#include "common/telemetry/log.hpp"
#include "common/telemetry/metrics.hpp"

#include <deque>
#include <functional>
#include <map>
#include <random>
#include <set>

namespace weir::runtime {

struct Options {
  bool start_latest = false;  // consumers.NAME.start for a topic that the group has never read
  Milliseconds idle_timeout{60'000};
  Milliseconds drain_time{20'000};
  Milliseconds claim_retry{1'000};  // and up to five times that, with jitter
  Milliseconds gap_check{5'000};    // how often a held partition is looked at again
  Milliseconds backoff_base{100};
  Milliseconds backoff_limit{30'000};
  Milliseconds reconnect_limit{5'000};  // the same while there is no session
  std::uint64_t seed = 0;               // of the jitter
  std::size_t lane = 0;                 // which of the process's working threads this is
  ParkingLimits parking{};
};

/// Everything outside that the worker uses.
struct Surroundings {
  Source& source;  // asked for ranges and ids, told of positions
  Ledger& ledger;
  Letters& letters;
  DecoderTable& decoders;
  Mailbox& mailbox;
  const Clock& clock;
  telemetry::Log& log;
  telemetry::Metrics& metrics;
  telemetry::Health& health;
  std::function<SteadyInstant()> last_kafka_trouble;
};

/// The condition of readiness while Kafka does not say which topics are there.
inline constexpr std::string_view kKafkaTopics = "kafka topics";

/// How many events are taken together after a partition's owner died once, and one at a time after it died twice.
inline constexpr std::int64_t kCarefulPiece = 200;

class Worker {
 public:
  Worker(Consumer& consumer, Surroundings around, Options options);

  /// One step: a notice, a claim, a piece of work, what was fetched, a wake-up, or a wait of at most 100 ms. A Fault ends the process.
  Result<void> turn();
  /// A topic that was read here was made again, and its gap accepted: librdkafka keeps the leader epoch of the old one and would wait for
  /// ever for the new one to reach it. Only another client reads it.
  [[nodiscard]] bool needs_new_client() const { return needs_new_client_; }
  /// From now on nothing new is admitted; what is in hand is finished.
  void drain() { draining_ = true; }
  /// Nothing is in hand.
  [[nodiscard]] bool empty_handed() const { return pieces_.empty() && unit_.events.empty(); }
  /// Drops what is in hand and lets every partition go; for a stop by a fault.
  void abandon();
  /// While the group is being left: answers rebalance notices, takes nothing.
  void serve_closing();

  /// How far a partition of ours has got.
  struct Progress {
    std::int64_t next_offset = 0;
    std::optional<Instant> oldest;  // time of the oldest record that was read and is not yet committed
  };
  /// The partitions that are ours, for the lag sampler; callable from any thread.
  [[nodiscard]] std::map<TopicPartition, Progress> progress() const;
  /// The ids that the group's topics have now; callable from any thread.
  void note_topics(TopicIds ids);

 private:
  struct Partition {
    Claim claim;         // claim.position is what is committed
    Position closed;     // claim.position plus what is in pieces_
    Position tentative;  // and plus what is in unit_
    bool claimed = false;
    std::uint64_t order = 0;   // what was fetched before this StartOrder is stale
    SteadyInstant claim_at{};  // when to try (again)
    Caution caution = Caution::kNone;
    std::int64_t alone_left = 0;            // offsets that are still taken one at a time
    std::int64_t suspect_left = 0;          // offsets that may have been in hand when the last owner died
    std::optional<std::int64_t> poison;     // this event ended the process three times
    std::optional<Break> broken;            // nothing more comes: to be claimed again once what is in hand is committed
    std::optional<SourceKeyForm> new_form;  // why it is broken: the next record's key has a form that is not known here
    bool gap_told = false;                  // the alarm is logged once, and stays in readiness
    WaitingKeys waiting;                    // its parked letters
    bool full_of_letters = false;           // so many are parked that reading pauses
    bool at_end = false;
    std::optional<Instant> oldest;          // in hand
    std::optional<Instant> oldest_in_unit;  // of what is in unit_
    SteadyInstant quiet_since{};
  };
  /// Events that are settled together.
  struct Piece {
    std::vector<Incoming> events;
    std::unique_ptr<Fold> fold;  // of the first `folded` of them
    std::size_t folded = 0;      // means nothing without one
    bool of_letters = false;     // tried again, and not from the log
  };

  // claims.cpp
  Result<void> handle(const Rebalanced& notice);
  /// The name of a condition of readiness that is this lane's own.
  [[nodiscard]] std::string own(std::string_view condition) const;
  void let_go(const std::vector<TopicPartition>& partitions, bool orderly);
  Result<bool> claim_one();
  Result<void> take_over(const TopicPartition& key, Partition& partition);
  Result<void> introduce(const std::string& topic);
  Result<std::optional<Gap>> find_gap(const Claim& claim, const Partition& partition);
  void hold(const TopicPartition& key, Partition& partition, const Gap& gap);
  void keep_rebuilt();
  void begin_reading(const TopicPartition& key, Partition& partition);
  void lose(const TopicPartition& key, std::string_view why);
  void forget_events(const std::function<bool(const TopicPartition&)>& of);
  [[nodiscard]] std::vector<Claim> held_claims() const;
  void publish_progress();

  // continuity.cpp
  void admit_break(const Break& broken, std::uint64_t orders_done);
  bool break_at_new_form(Partition& partition, const Incoming& incoming);
  void claim_broken();
  [[nodiscard]] std::vector<TopicPartition> of_other_topics(const TopicIds& ids) const;
  void heed_noted_topics();
  void ask_topic_ids();
  Result<bool> topic_ids_stand();

  // admission.cpp
  void admit(Fetched fetched);
  [[nodiscard]] bool may_gather_ahead() const;
  std::optional<Milliseconds> gather_ahead();
  void fold(Piece& piece) const;
  void make_room();
  void admit_record(Partition& partition, Incoming& incoming, SteadyInstant now);
  Result<void> judge(Partition& partition, Incoming& incoming);
  void admit_end(const EndOfLog& end, std::uint64_t orders_done);
  [[nodiscard]] bool unit_full() const;
  [[nodiscard]] bool backlog_ended() const;
  [[nodiscard]] bool unit_due() const;
  void close_unit();
  [[nodiscard]] Caution caution_of(const Incoming& incoming) const;

  // tally.cpp
  /// What a piece of work comes to beside the consumer's rows.
  struct Tally {
    std::vector<DeadLetter> kept;
    OutcomeCounts counts;
    DeadShares shares;
  };
  Result<void> tally(const Piece& piece, std::span<const End> ends);
  [[nodiscard]] bool is_accepted(const Record& record, const Dead& why) const;
  [[nodiscard]] Fault changed_form(const Record& record, const Dead& why) const;

  // settlement.cpp
  Result<void> attempt();
  Result<void> attempt_piece(Piece& piece);
  Result<void> prepare_alone(Piece& piece);
  void relax(const TopicPartition& key, Partition& partition, std::int64_t passed);
  Result<void> write_piece(Piece& piece, const std::vector<PositionMove>& moves);
  Result<void> bury(const Piece& piece, Work& work);
  Result<std::vector<End>> apply(Piece& piece, Work& work);
  [[nodiscard]] std::vector<PositionMove> moves_of(const Piece& piece);
  void commit_succeeded(const Piece& piece, std::span<const PositionMove> moves);
  Result<void> piece_failed(Fault fault);
  Result<void> divide(const Fault& fault);
  Result<void> resolve();
  Result<void> retry_later(const Fault& fault, bool few);
  [[nodiscard]] SteadyInstant backed_off(Milliseconds longest);

  // parking.cpp
  bool queue_behind(Piece& piece);
  bool park(Piece& piece, std::span<End> ends);
  [[nodiscard]] static Ended missing_row(const Incoming& incoming, const Fault& fault);
  [[nodiscard]] static Dead grace_over(const Parked& parked);
  [[nodiscard]] bool letters_due() const;
  Result<void> take_letters();
  void forget_ended(std::span<const LettersWanted> wanted, std::span<const Incoming> found);
  void close_letters(std::vector<Incoming> letters);
  Result<void> prepare_letters(Piece& piece);
  Result<void> lock_letters(Piece& piece);
  Result<void> end_letters(const Piece& piece, std::span<const End> ends, OutcomeCounts& counts);
  void note_letters(const Piece& piece);
  void pace_parking(const TopicPartition& key, Partition& partition);
  /// No letter is tried before what may have ended an owner has passed.
  [[nodiscard]] static bool may_try_letters(const Partition& partition) {
    return partition.claimed && !partition.broken && partition.caution == Caution::kNone && partition.claim.deaths == 0;
  }

  // wakeups.cpp
  [[nodiscard]] bool consumer_due() const;
  [[nodiscard]] bool wakeup_due() const;
  Result<void> wake();
  Result<void> wake_in(std::vector<PositionMove>& moves, bool for_consumer);
  void forget_letters();
  [[nodiscard]] bool idle(const Partition& partition) const;
  /// Its owners' deaths are on record still, though what was in hand then has ended.
  [[nodiscard]] static bool calm(const Partition& partition) {
    return partition.claimed && partition.caution == Caution::kNone && partition.claim.deaths > 0;
  }

  Consumer& consumer_;
  Surroundings around_;
  Options options_;
  Description description_;
  std::map<TopicPartition, Partition> partitions_;
  Piece unit_;  // gathering
  std::size_t unit_bytes_ = 0;
  std::vector<Incoming> spent_;  // the last piece: let go when there is time, and the next unit gathers in its room
  std::optional<SteadyInstant> unit_opened_;
  bool behind_ = false;           // the last unit was full: more waits in the log, as far as is known
  bool positions_moved_ = false;  // past holes at the end of a log, without an event
  std::deque<Piece> pieces_;      // closed, in order; the first is being settled
  bool any_broken_ = false;
  TopicIds topics_read_;  // by this client
  bool needs_new_client_ = false;
  std::function<Result<TopicIds>()> topic_ids_asked_;
  bool topic_ids_known_ = false;   // of the unit in hand
  bool topic_ids_silent_ = false;  // the last question had no answer
  bool in_doubt_ = false;
  std::vector<PositionMove> moves_in_doubt_;
  int tries_ = 0;
  SteadyInstant retry_at_{};
  SteadyInstant next_idle_check_{};
  int wake_tries_ = 0;
  SteadyInstant wake_retry_at_{};
  std::optional<SteadyInstant> woken_at_;  // the consumer
  bool woken_since_unit_ = false;          // there was a wake-up since the last unit of work was closed
  SteadyInstant next_forgetting_{};        // of letters
  SteadyInstant next_letters_{};           // when letters are looked for again
  bool letters_since_unit_ = false;        // they had their turn since the last unit of work was closed
  bool draining_ = false;
  bool revoking_ = false;                         // partitions are given back
  std::optional<Fault> stop_after_unit_;          // nothing more is admitted; the process ends once what is in hand is committed
  std::optional<std::pair<Claim, Gap>> rebuilt_;  // a source; to be kept for the operator
  DeadShares dead_shares_;                        // by topic
  Tally tally_;                                   // of the attempt at hand: it counts once that is known to be committed
  std::minstd_rand random_;
  mutable std::mutex published_mutex_;
  std::map<TopicPartition, Progress> published_;
  std::optional<TopicIds> noted_topics_;
};

}  // namespace weir::runtime
