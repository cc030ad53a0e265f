// How fetched records become units of work: stale and repeated records fall out here, and the tentative positions move.
#include "common/runtime/metric_rows.hpp"
#include "common/runtime/run_lookup.hpp"
#include "common/runtime/worker.hpp"

#include <fmt/format.h>

namespace weir::runtime {

/// The partition, if records are taken that were fetched after so many orders. Otherwise the records may be dropped, because the
/// partition's owner reads them again: the partition was let go, or its position was set back after they were fetched.
Partition* Worker::current(const TopicPartition& key, std::uint64_t orders_done) {
  Partition* partition = holdings_.find(key);
  return partition != nullptr && partition->claimed && orders_done >= partition->order ? partition : nullptr;
}

void Worker::admit(Fetched fetched) {
  const SteadyInstant now = around_.clock.steady();
  unit_.make_room();
  const std::size_t gathered = unit_.size();
  RunLookup<Partition*> run;
  for (Record& record : fetched.records) {
    Partition* partition = run.of(record, [&](const TopicPartition& key) { return holdings_.find(key); });
    const bool stale = partition == nullptr || !partition->claimed || partition->broken || fetched.orders_done < partition->order;
    if (!stale && !stop_after_unit_) admit_record(*partition, std::move(record), now);
  }
  // Stale records open no unit, and with none to be closed nobody would let their bytes go.
  if (unit_.size() > gathered) unit_.keep(std::move(fetched.memory));
  for (const EndOfLog& end : fetched.ends) admit_end(end, fetched.orders_done);
  for (const Break& broken : fetched.breaks) admit_break(broken, fetched.orders_done);
  publish_progress();
}

void Worker::admit_record(Partition& partition, Record record, SteadyInstant now) {
  const Admission expected = partition.expects(record);
  if (expected == Admission::kBelow) around_.metrics.of(kDropped, {partition.key.topic}).add();
  if (expected == Admission::kEnough) read_on(partition);
  if (expected != Admission::kTaken) return;
  Incoming& incoming = unit_.offer();
  incoming.event.record = std::move(record);
  incoming.slot = partition.slot;
  // An event that is taken alone is decoded once Postgres knows that it is in hand.
  if (partition.caution != Caution::kAlone) decoders_.decode(incoming);
  switch (partition.admit(incoming, now)) {
    case Admission::kTaken:
      unit_.accept(now);
      return;
    case Admission::kNewForm:
      break_at_new_form(partition, *incoming.event.decoded.change);
      break;
    case Admission::kRebuilt:
      // The events before this record are committed first, because the position alone tells where reading goes on.
      stop_after_unit_ = rebuilt(partition, incoming);
      break;
    case Admission::kBelow:
    case Admission::kEnough:
      break;
  }
  unit_.take_back();
}

void Worker::admit_end(const EndOfLog& end, std::uint64_t orders_done) {
  Partition* partition = current(end.partition, orders_done);
  if (partition == nullptr || partition->broken || stop_after_unit_) return;
  const SteadyInstant now = around_.clock.steady();
  const Partition::AtEnd reached = partition->reach_end(end, now);
  if (reached.moved) unit_.add_hole(now);
  if (reached.alone_no_more) read_on(*partition);
}

/// The records before the break are in order and are committed first. Then the partition is claimed again, which finds out the reason:
/// librdkafka only stops where the broker has nothing at the next offset.
void Worker::admit_break(const Break& broken, std::uint64_t orders_done) {
  Partition* partition = current(broken.partition, orders_done);
  if (partition == nullptr) return;
  partition->broken = broken;
  any_broken_ = true;
}

/// Reading also stops before a change whose key has another form than the partition knows of its source, because the partition cannot tell
/// whether such a change was taken before, in another partition. The next claim asks whether the form may come or is a gap.
void Worker::break_at_new_form(Partition& partition, const ChangePosition& change) {
  partition.broken = Break{partition.key, std::nullopt, std::nullopt};
  partition.new_form = SourceKeyForm{change.source_name, change.source_db, *change.key_form};
  hold_reading(partition);
  any_broken_ = true;
}

/// Returns the fault that stops the group, and notes the gap to be kept for the operator.
Fault Worker::rebuilt(const Partition& partition, const Incoming& incoming) {
  const std::int64_t at = incoming.event.record.offset;
  rebuilt_.emplace(partition.claim, Gap{partition.key, "source_rebuilt", at, LogRange{at, at}});
  Fault fault;
  fault.kind = FaultKind::kGap;
  fault.message = fmt::format(
      "{} partition {} offset {}: source database '{}' is behind the position that was taken ({}), but newer: it was rebuilt",
      partition.key.topic, partition.key.partition, at, incoming.event.decoded.change->source_db, partition.tentative.sources.to_json());
  fault.hint = "changes may be missing: compare the source with its results, then accept the gap with `weir offsets accept-gap`";
  return fault;
}

/// Not while events are taken with caution, or while the worker is about to end, because then as little as possible should be in hand.
bool Worker::may_gather_ahead() const {
  return !draining_ && !revoking_ && !stop_after_unit_ && !any_broken_ && settling_.is_last() && !unit_.full() && !holdings_.any_cautious();
}

/// Called while the ledger waits for Postgres (Ledger::meanwhile).
std::optional<Milliseconds> Worker::gather_ahead() {
  constexpr Milliseconds kUntilMore{1};
  if (!may_gather_ahead()) return std::nullopt;
  auto fetched = around_.mailbox.take_fetched();
  if (!fetched) return kUntilMore;
  admit(std::move(*fetched));
  unit_.fold_ahead(consumer_);
  return Milliseconds{0};
}

bool Worker::unit_due() const {
  return unit_.opened() && (draining_ || stop_after_unit_ || any_broken_ || unit_.due(holdings_, around_.clock.steady()));
}

void Worker::close_unit() {
  if (!unit_.opened()) return;
  begin_settling(unit_.close(holdings_));
  for (Partition& partition : holdings_.all()) partition.close_unit();
  turns_.unit_closed();
}

}  // namespace weir::runtime
