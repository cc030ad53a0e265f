// One partition that a lane holds: how far its log is read, which of its changes were taken, and how cautiously its events are taken after
// deaths. Pure.
#pragma once

#include "common/runtime/caution.hpp"
#include "common/runtime/decode.hpp"
#include "common/runtime/ledger.hpp"
#include "common/runtime/waiting_keys.hpp"

#include <cstdint>
#include <optional>

namespace weir::runtime {

/// How many events are taken together after one death of a partition's owner, and how many are taken one at a time after two deaths.
inline constexpr std::int64_t kCarefulPiece = 200;

/// The order of a partition from which nothing is read: no record is ever fetched after so many orders.
inline constexpr std::uint64_t kNeverFetched = ~std::uint64_t{0};

/// What a partition says to a record.
enum class Admission : std::uint8_t {
  kTaken,    // the tentative position is behind it now
  kBelow,    // it is below the position: it was accounted for before
  kEnough,   // enough events are in hand to be taken one at a time; the rest is read again once they have ended
  kNewForm,  // its key has a form that is not known here: reading stops before it
  kRebuilt,  // its source was rebuilt: the group stops before it
};

struct Partition {
  TopicPartition key;
  PartitionSlot slot = 0;
  Claim claim;         // claim.position is the committed position
  Position closed;     // the committed position plus what is being settled
  Position tentative;  // the closed position plus what is gathered
  bool claimed = false;
  std::uint64_t order = 0;   // records that were fetched before this StartOrder are stale
  SteadyInstant claim_at{};  // when to try (again)
  int failed_claims = 0;     // by faults that need not pass by themselves
  Caution caution = Caution::kNone;
  std::int64_t alone_left = 0;            // offsets that are still taken one at a time
  std::int64_t suspect_left = 0;          // offsets that may have been in hand when the last owner died
  std::optional<std::int64_t> poison;     // this event ended the process three times
  std::optional<Break> broken;            // reading has stopped: the partition is claimed again once what is in hand is committed
  std::optional<SourceKeyForm> new_form;  // why reading stopped: the next record's key has this form, which is not known here
  bool gap_told = false;                  // the gap's alarm is logged already; readiness goes on showing it
  WaitingKeys waiting;                    // its parked letters
  bool full_of_letters = false;           // so many are parked that reading pauses
  bool paused = false;                    // by an operator: it stays ours, nothing is read, and no letter is tried
  bool at_end = false;
  std::optional<Instant> oldest;          // time of the oldest record that is being settled
  std::optional<Instant> oldest_in_unit;  // time of the oldest record that is gathered
  SteadyInstant quiet_since{};

  /// Takes over a new claim, from its position on. `suspects`: how many offsets an owner that died may have had in hand.
  void begin(Claim its, std::int64_t suspects, SteadyInstant now);
  /// Whether the record is to be taken now: kTaken, kBelow or kEnough. Asked before it is decoded.
  [[nodiscard]] Admission expects(const Record& record) const;
  /// Takes a record that is expected. A record that was sent again gets its end here.
  [[nodiscard]] Admission admit(Incoming& incoming, SteadyInstant now);
  /// The part of admit() that needs a decoded record: it ends a change that was sent again, and moves source position and watermark past
  /// any other. Changes that their decoder has refused or skipped are judged too, because otherwise such a change would be counted, and
  /// kept as a dead letter, as often as it is sent.
  [[nodiscard]] Admission judge(Incoming& incoming);

  struct AtEnd {
    bool moved = false;          // the position moved past transaction markers and aborted records, so that the lag reaches 0
    bool alone_no_more = false;  // as relax() says
  };
  [[nodiscard]] AtEnd reach_end(const EndOfLog& end, SteadyInstant now);
  /// An operator pauses it: what comes to its log from now on waits, so that it is not at the log's end, and holds the group's watermark
  /// back.
  void pause();
  /// The gathered events are being settled from now on.
  void close_unit();
  [[nodiscard]] PositionMove move_to(Position position) const;
  /// Notes that the move is committed. Returns the number of offsets that it passed.
  [[nodiscard]] std::int64_t pass(const PositionMove& move);
  /// Counts `passed` more offsets that have ended after deaths. Once all suspect offsets have ended, or the log is read to its end with
  /// nothing in hand, events are taken as before the deaths. Returns true where they are no longer taken one at a time, so that they may be
  /// decoded ahead again.
  [[nodiscard]] bool relax(std::int64_t passed);

  /// Whether nothing is to be read from it.
  [[nodiscard]] bool held() const { return paused || full_of_letters; }
  [[nodiscard]] bool in_hand() const { return tentative.next_offset != claim.position.next_offset; }
  /// No letter is tried before the events that may have ended an owner have ended.
  [[nodiscard]] bool may_try_letters() const { return claimed && !paused && !broken && caution == Caution::kNone && claim.deaths == 0; }
  /// Postgres still has the deaths of its owners, though the events that were in hand then have ended.
  [[nodiscard]] bool calm() const { return claimed && caution == Caution::kNone && claim.deaths > 0; }
  /// Whether nothing has come for `timeout` since the log was read to its end. Time before `trouble`, when the broker last failed to
  /// answer, does not count.
  [[nodiscard]] bool idle(SteadyInstant now, SteadyInstant trouble, Milliseconds timeout) const;
};

/// Moves the position behind a record.
void move_past(Position& position, const Incoming& incoming);

}  // namespace weir::runtime
