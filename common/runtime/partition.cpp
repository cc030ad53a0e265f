#include "common/runtime/partition.hpp"

#include <algorithm>

namespace weir::runtime {

namespace {

constexpr Seconds kOutOfOrderness{30};

void step_over(Position& position, const Record& record) {
  position.next_offset = record.offset + 1;
  position.leader_epoch = std::max(position.leader_epoch, record.leader_epoch);
  position.idle_since.reset();
}

}  // namespace

void move_past(Position& position, const Incoming& incoming) {
  step_over(position, incoming.event.record);
  const auto& change = incoming.event.decoded.change;
  if (change && position.sources.judge(*change) == SourcePositions::Verdict::kNew) position.sources.advance(*change);
}

void Partition::begin(Claim its, std::int64_t suspects, SteadyInstant now) {
  claim = std::move(its);
  claimed = true;
  failed_claims = 0;
  closed = claim.position;
  tentative = claim.position;
  at_end = false;
  quiet_since = now;
  caution = caution_after(claim.deaths);
  alone_left = kCarefulPiece;
  suspect_left = suspects;
  broken.reset();
  new_form.reset();
  poison.reset();
  if (claim.deaths >= kDeathsToBury && claim.attempt_offset == claim.position.next_offset) poison = claim.attempt_offset;
}

Admission Partition::expects(const Record& record) const {
  if (record.offset < tentative.next_offset) return Admission::kBelow;
  const bool enough = caution == Caution::kAlone && tentative.next_offset - claim.position.next_offset >= alone_left;
  return enough ? Admission::kEnough : Admission::kTaken;
}

Admission Partition::admit(Incoming& incoming, SteadyInstant now) {
  const Record& record = incoming.event.record;
  if (incoming.decoded) {
    if (const Admission judged = judge(incoming); judged != Admission::kTaken) return judged;
  }
  at_end = false;
  quiet_since = now;
  if (!oldest_in_unit) oldest_in_unit = record.timestamp;
  step_over(tentative, record);
  return Admission::kTaken;
}

Admission Partition::judge(Incoming& incoming) {
  const Decoded& decoded = incoming.event.decoded;
  if (decoded.change) {
    if (!tentative.sources.knows_form(*decoded.change)) return Admission::kNewForm;
    switch (tentative.sources.judge(*decoded.change)) {
      case SourcePositions::Verdict::kReSent:
        incoming.ended = std::make_unique<Ended>(Ended{ReSent{}});
        return Admission::kTaken;
      case SourcePositions::Verdict::kRebuilt:
        return Admission::kRebuilt;
      case SourcePositions::Verdict::kNew:
        tentative.sources.advance(*decoded.change);
        break;
    }
  }
  if (decoded.event_time) {
    const Instant seen = std::min(*decoded.event_time, decoded.recorded_at) - kOutOfOrderness;
    tentative.watermark = std::max(tentative.watermark.value_or(seen), seen);
  }
  return Admission::kTaken;
}

Partition::AtEnd Partition::reach_end(const EndOfLog& end, SteadyInstant now) {
  AtEnd reached;
  if (end.offset > tentative.next_offset) {
    tentative.next_offset = end.offset;
    // The epoch of the last record would be wrong here: a later leader may have written the markers. The old epoch ends before them, and
    // this position under the old epoch would look like a position in a truncated log.
    tentative.leader_epoch = end.leader_epoch;
    reached.moved = true;
  }
  if (end.offset == tentative.next_offset && !at_end) {
    at_end = true;
    quiet_since = now;
    if (caution != Caution::kNone) reached.alone_no_more = relax(0);
  }
  return reached;
}

void Partition::pause() {
  paused = true;
  at_end = false;
  for (Position* position : {&claim.position, &closed, &tentative}) position->idle_since.reset();
}

void Partition::close_unit() {
  closed = tentative;
  oldest = std::exchange(oldest_in_unit, std::nullopt);
}

PositionMove Partition::move_to(Position position) const {
  return {key, claim.epoch, claim.position.next_offset, std::move(position), caution};
}

std::int64_t Partition::pass(const PositionMove& move) {
  const std::int64_t passed = move.position.next_offset - claim.position.next_offset;
  claim.position = move.position;
  claim.deaths = deaths_on_record(move.caution);
  return passed;
}

bool Partition::relax(std::int64_t passed) {
  const bool alone = caution == Caution::kAlone;
  if (caution == Caution::kNone) return false;
  alone_left -= passed;
  suspect_left -= passed;
  const bool all_taken = at_end && !in_hand();
  if (suspect_left <= 0 || all_taken) {
    caution = Caution::kNone;
  } else if (alone_left <= 0) {
    caution = Caution::kCareful;
  }
  return alone && caution != Caution::kAlone;
}

bool Partition::idle(SteadyInstant now, SteadyInstant trouble, Milliseconds timeout) const {
  return claimed && at_end && !in_hand() && now - std::max(quiet_since, trouble) >= timeout;
}

}  // namespace weir::runtime
