// How fetched records become units of work: stale and repeated records fall out here, and the tentative positions move.
#include "common/runtime/metric_rows.hpp"
#include "common/runtime/run_lookup.hpp"
#include "common/runtime/worker.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::runtime {

namespace {
constexpr Seconds kOutOfOrderness{30};
}

void Worker::admit(Fetched fetched) {
  const SteadyInstant now = around_.clock.steady();
  make_room();
  RunLookup<Partition*> run;
  for (Incoming& incoming : fetched.records) {
    Partition* partition = run.of(incoming.event.record, [this](const TopicPartition& key) {
      const auto found = partitions_.find(key);
      return found == partitions_.end() ? nullptr : &found->second;
    });
    // Records of a partition that was let go, or from before its position was set back, are read again by whoever owns it.
    const bool stale = partition == nullptr || !partition->claimed || partition->broken || fetched.orders_done < partition->order;
    if (!stale && !stop_after_unit_) admit_record(*partition, incoming, now);
  }
  for (const EndOfLog& end : fetched.ends) admit_end(end, fetched.orders_done);
  for (const Break& broken : fetched.breaks) admit_break(broken, fetched.orders_done);
  publish_progress();
}

void Worker::admit_record(Partition& partition, Incoming& incoming, SteadyInstant now) {
  const Record& record = incoming.event.record;
  if (record.offset < partition.tentative.next_offset) {
    around_.metrics.of(kDropped, {record.topic}).add();
    return;
  }
  if (partition.caution == Caution::kAlone &&
      partition.tentative.next_offset - partition.claim.position.next_offset >= partition.alone_left) {
    // Enough to be taken one at a time; the rest is read again once these have ended.
    partition.order =
        around_.mailbox.order({partition.claim.partition, partition.tentative.next_offset, partition.tentative.leader_epoch, false, 0});
    return;
  }
  if (incoming.decoded) {
    if (break_at_new_form(partition, incoming)) return;
    if (auto judged = judge(partition, incoming); !judged) {
      // What stands before it is committed first: where reading goes on is told by the position, and by nothing else.
      stop_after_unit_ = std::move(judged).error();
      return;
    }
  }
  partition.at_end = false;
  partition.quiet_since = now;
  if (!partition.oldest_in_unit) partition.oldest_in_unit = record.timestamp;
  partition.tentative.next_offset = record.offset + 1;
  partition.tentative.leader_epoch = std::max(partition.tentative.leader_epoch, record.leader_epoch);
  partition.tentative.idle_since.reset();
  if (!unit_opened_) unit_opened_ = now;
  unit_bytes_ += incoming.bytes();
  unit_.events.push_back(std::move(incoming));
}

/// Not while anything is taken with caution or about to end: then what is in hand is kept small.
bool Worker::may_gather_ahead() const {
  if (draining_ || revoking_ || stop_after_unit_ || any_broken_ || pieces_.size() != 1 || unit_full()) return false;
  return std::all_of(partitions_.begin(), partitions_.end(), [](const auto& one) { return one.second.caution == Caution::kNone; });
}

/// Called while Postgres is waited for, as Ledger::meanwhile says.
std::optional<Milliseconds> Worker::gather_ahead() {
  constexpr Milliseconds kUntilMore{1};
  if (!may_gather_ahead()) return std::nullopt;
  auto fetched = around_.mailbox.take_fetched();
  if (!fetched) return kUntilMore;
  admit(std::move(*fetched));
  fold(unit_);
  return Milliseconds{0};
}

/// To free a piece's memory takes a while, and a commit need not wait for it.
void Worker::make_room() {
  spent_.clear();
  if (unit_.events.capacity() == 0) unit_.events.swap(spent_);
}

/// Takes the rest of the piece in.
void Worker::fold(Piece& piece) const {
  if (piece.fold == nullptr) {
    piece.folded = 0;
    piece.fold = consumer_.fold();
  }
  if (piece.fold == nullptr) return;
  for (; piece.folded < piece.events.size(); ++piece.folded) {
    const Incoming& incoming = piece.events[piece.folded];
    if (!incoming.ended) piece.fold->add(incoming.event);
  }
}

/// Drops what was sent again, and moves the tentative source position and watermark by what was not. A change that its decoder has refused
/// or skipped is no exception: it would be counted, and kept as a dead letter, as often as it is sent.
Result<void> Worker::judge(Partition& partition, Incoming& incoming) {
  const Decoded& decoded = incoming.event.decoded;
  if (decoded.change) {
    switch (partition.tentative.sources.judge(*decoded.change)) {
      case SourcePositions::Verdict::kReSent:
        incoming.ended = std::make_unique<Ended>(Ended{ReSent{}});
        return {};
      case SourcePositions::Verdict::kRebuilt: {
        const Record& record = incoming.event.record;
        const Gap gap{partition.claim.partition, "source_rebuilt", record.offset, LogRange{record.offset, record.offset}};
        rebuilt_.emplace(partition.claim, gap);
        return fail(
            FaultKind::kGap,
            fmt::format(
                "{} partition {} offset {}: source database '{}' is behind the position that was taken ({}), but newer: it was rebuilt",
                record.topic, record.partition, record.offset, decoded.change->source_db, partition.tentative.sources.to_json()),
            "changes may be missing: compare the source with its results, then accept the gap with `weir offsets accept-gap`");
      }
      case SourcePositions::Verdict::kNew:
        partition.tentative.sources.advance(*decoded.change);
        break;
    }
  }
  if (decoded.event_time) {
    const Instant seen = std::min(*decoded.event_time, decoded.recorded_at) - kOutOfOrderness;
    partition.tentative.watermark = std::max(partition.tentative.watermark.value_or(seen), seen);
  }
  return {};
}

void Worker::admit_end(const EndOfLog& end, std::uint64_t orders_done) {
  const auto found = partitions_.find(end.partition);
  if (found == partitions_.end() || !found->second.claimed || orders_done < found->second.order || stop_after_unit_) return;
  Partition& partition = found->second;
  if (end.offset > partition.tentative.next_offset) {
    // Transaction markers and aborted records: nothing to take, but the lag must reach 0.
    partition.tentative.next_offset = end.offset;
    // Not the last record's epoch: the markers may have been written under a later leader, and the old epoch ends before them, so that
    // this position would look like one in a truncated log.
    partition.tentative.leader_epoch = end.leader_epoch;
    positions_moved_ = true;
    if (!unit_opened_) unit_opened_ = around_.clock.steady();
  }
  if (end.offset == partition.tentative.next_offset && !partition.at_end) {
    partition.at_end = true;
    partition.quiet_since = around_.clock.steady();
    if (partition.caution != Caution::kNone) relax(end.partition, partition, 0);
  }
}

bool Worker::unit_full() const {
  return unit_.events.size() >= description_.flush.max_records || unit_bytes_ >= description_.flush.max_bytes;
}

/// What is left of a backlog when its end is reached is not a stream that goes on: nothing is gained by waiting for the interval.
bool Worker::backlog_ended() const {
  return behind_ &&
         std::all_of(partitions_.begin(), partitions_.end(), [](const auto& one) { return !one.second.claimed || one.second.at_end; });
}

bool Worker::unit_due() const {
  if (!unit_opened_) return false;
  // What is admitted while events go one at a time is all taken one at a time: so little of it.
  const bool alone =
      std::any_of(partitions_.begin(), partitions_.end(), [](const auto& one) { return one.second.caution == Caution::kAlone; });
  if (draining_ || stop_after_unit_ || any_broken_ || unit_full() || backlog_ended()) return true;
  if (alone && unit_.events.size() >= static_cast<std::size_t>(kCarefulPiece)) return true;
  return around_.clock.steady() - *unit_opened_ >= description_.flush.interval;
}

Caution Worker::caution_of(const Incoming& incoming) const {
  return partitions_.at({std::string(incoming.event.record.topic), incoming.event.record.partition}).caution;
}

/// Hands the unit over to settlement: as one piece; in small pieces, or one event a piece, where an owner died with this in hand. A
/// partition's events stay in order, since all of them are taken in the same way.
void Worker::close_unit() {
  if (!unit_opened_) return;
  behind_ = unit_full();
  const bool cautious =
      std::any_of(partitions_.begin(), partitions_.end(), [](const auto& one) { return one.second.caution != Caution::kNone; });
  Piece rest;
  Piece careful;
  if (!cautious) std::swap(rest, unit_);
  for (Incoming& incoming : unit_.events) {
    switch (caution_of(incoming)) {
      case Caution::kNone:
        rest.events.push_back(std::move(incoming));
        break;
      case Caution::kCareful:
        careful.events.push_back(std::move(incoming));
        if (careful.events.size() == static_cast<std::size_t>(kCarefulPiece)) pieces_.push_back(std::exchange(careful, {}));
        break;
      case Caution::kAlone:
        pieces_.emplace_back().events.push_back(std::move(incoming));
        break;
    }
  }
  if (!careful.events.empty()) pieces_.push_back(std::move(careful));
  if (!rest.events.empty()) pieces_.push_back(std::move(rest));
  if (positions_moved_ && pieces_.empty()) pieces_.emplace_back();
  for (auto& [key, partition] : partitions_) {
    partition.closed = partition.tentative;
    partition.oldest = std::exchange(partition.oldest_in_unit, std::nullopt);
  }
  unit_ = {};
  unit_bytes_ = 0;
  unit_opened_.reset();
  positions_moved_ = false;
  topic_ids_known_ = false;
  woken_since_unit_ = false;
  letters_since_unit_ = false;
  tries_ = 0;
  retry_at_ = {};
}

}  // namespace weir::runtime
