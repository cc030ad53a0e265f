// One partition in the hands of a lane: where it stands in the log, which changes of it were taken, and how cautiously its events are taken
// after deaths. Pure: it asks nobody and waits for nothing.
#pragma once

#include "common/runtime/caution.hpp"
#include "common/runtime/decode.hpp"
#include "common/runtime/ledger.hpp"
#include "common/runtime/waiting_keys.hpp"

#include <cstdint>
#include <optional>

namespace weir::runtime {

/// How many events are taken together after a partition's owner died once, and one at a time after it died twice.
inline constexpr std::int64_t kCarefulPiece = 200;

/// What a partition says to a record.
enum class Admission : std::uint8_t {
  kTaken,    // the tentative position is behind it now
  kBelow,    // it is below the position: it was accounted for before
  kEnough,   // enough is in hand to be taken one at a time; the rest is read again once that has ended
  kNewForm,  // its key has a form that is not known here: reading stops before it
  kRebuilt,  // its source was rebuilt: the group stops before it
};

struct Partition {
  TopicPartition key;
  PartitionSlot slot = 0;
  Claim claim;         // claim.position is what is committed
  Position closed;     // and plus what is being settled
  Position tentative;  // and plus what is gathered
  bool claimed = false;
  std::uint64_t order = 0;   // what was fetched before this StartOrder is stale
  SteadyInstant claim_at{};  // when to try (again)
  int failed_claims = 0;     // by faults that need not pass by themselves
  Caution caution = Caution::kNone;
  std::int64_t alone_left = 0;            // offsets that are still taken one at a time
  std::int64_t suspect_left = 0;          // offsets that may have been in hand when the last owner died
  std::optional<std::int64_t> poison;     // this event ended the process three times
  std::optional<Break> broken;            // nothing more comes: to be claimed again once what is in hand is committed
  std::optional<SourceKeyForm> new_form;  // why it is broken: the next record's key has this form, which is not known here
  bool gap_told = false;                  // the alarm is logged once, and stays in readiness
  WaitingKeys waiting;                    // its parked letters
  bool full_of_letters = false;           // so many are parked that reading pauses
  bool at_end = false;
  std::optional<Instant> oldest;          // record that is being settled
  std::optional<Instant> oldest_in_unit;  // record that is gathered
  SteadyInstant quiet_since{};

  /// It is ours from the claimed position on. `suspects`: how many offsets an owner that died may have had in hand.
  void begin(Claim its, std::int64_t suspects, SteadyInstant now);
  /// Takes a record as the next one of the log, if it is that. A record that was sent again has its end then.
  [[nodiscard]] Admission admit(Incoming& incoming, SteadyInstant now);
  /// The part of admit() that needs a decoded record: drops what was sent again, and moves source position and watermark by what was not. A
  /// change that its decoder has refused or skipped is no exception: it would be counted, and kept as a dead letter, as often as it is
  /// sent.
  [[nodiscard]] Admission judge(Incoming& incoming);

  struct AtEnd {
    bool moved = false;          // past transaction markers and aborted records: nothing to take, but the lag must reach 0
    bool alone_no_more = false;  // as relax() says
  };
  [[nodiscard]] AtEnd reach_end(const EndOfLog& end, SteadyInstant now);
  /// What was gathered is being settled from now on.
  void close_unit();
  [[nodiscard]] PositionMove move_to(Position position) const;
  /// The move is committed.
  [[nodiscard]] std::int64_t pass(const PositionMove& move);
  /// After deaths: once `passed` more offsets have ended and what was in hand then is passed, or nothing is in hand at the log's end,
  /// events are taken as ever. True where they are no more taken one at a time, so that they may be decoded ahead again.
  [[nodiscard]] bool relax(std::int64_t passed);

  [[nodiscard]] bool in_hand() const { return tentative.next_offset != claim.position.next_offset; }
  /// No letter is tried before what may have ended an owner has passed.
  [[nodiscard]] bool may_try_letters() const { return claimed && !broken && caution == Caution::kNone && claim.deaths == 0; }
  /// Its owners' deaths are on record still, though what was in hand then has ended.
  [[nodiscard]] bool calm() const { return claimed && caution == Caution::kNone && claim.deaths > 0; }
  /// Read to its end, with nothing more since: neither from the log nor, as far as the broker answered, before `trouble`.
  [[nodiscard]] bool idle(SteadyInstant now, SteadyInstant trouble, Milliseconds timeout) const;
};

/// The position behind a record.
void move_past(Position& position, const Incoming& incoming);

}  // namespace weir::runtime
