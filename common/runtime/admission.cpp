// How fetched records become units of work: stale and repeated records fall out here, and the tentative positions move.
#include "common/runtime/metric_rows.hpp"
#include "common/runtime/run_lookup.hpp"
#include "common/runtime/worker.hpp"

#include <fmt/format.h>

namespace weir::runtime {

/// The partition, if it takes what was fetched after so many orders. Records of a partition that was let go, or from before its position
/// was set back, are read again by whoever owns it.
Partition* Worker::current(const TopicPartition& key, std::uint64_t orders_done) {
  Partition* partition = holdings_.find(key);
  return partition != nullptr && partition->claimed && orders_done >= partition->order ? partition : nullptr;
}

void Worker::admit(Fetched fetched) {
  const SteadyInstant now = around_.clock.steady();
  unit_.make_room();
  RunLookup<Partition*> run;
  for (Incoming& incoming : fetched.records) {
    Partition* partition = run.of(incoming.event.record, [&](const TopicPartition& key) { return holdings_.find(key); });
    const bool stale = partition == nullptr || !partition->claimed || partition->broken || fetched.orders_done < partition->order;
    if (!stale && !stop_after_unit_) admit_record(*partition, incoming, now);
  }
  for (const EndOfLog& end : fetched.ends) admit_end(end, fetched.orders_done);
  for (const Break& broken : fetched.breaks) admit_break(broken, fetched.orders_done);
  publish_progress();
}

void Worker::admit_record(Partition& partition, Incoming& incoming, SteadyInstant now) {
  switch (partition.admit(incoming, now)) {
    case Admission::kTaken:
      incoming.slot = partition.slot;
      unit_.add(std::move(incoming), now);
      return;
    case Admission::kBelow:
      around_.metrics.of(kDropped, {partition.key.topic}).add();
      return;
    case Admission::kEnough:
      read_on(partition);
      return;
    case Admission::kNewForm:
      break_at_new_form(partition, *incoming.event.decoded.change);
      return;
    case Admission::kRebuilt:
      // What stands before it is committed first: where reading goes on is told by the position, and by nothing else.
      stop_after_unit_ = rebuilt(partition, incoming);
      return;
  }
}

void Worker::admit_end(const EndOfLog& end, std::uint64_t orders_done) {
  Partition* partition = current(end.partition, orders_done);
  if (partition == nullptr || partition->broken || stop_after_unit_) return;
  const SteadyInstant now = around_.clock.steady();
  const Partition::AtEnd reached = partition->reach_end(end, now);
  if (reached.moved) unit_.add_hole(now);
  if (reached.alone_no_more) read_on(*partition);
}

/// What came before it is in order and is committed first; then the claim is made again, and finds out what is the matter. Where the broker
/// has nothing at the next offset, librdkafka only stops.
void Worker::admit_break(const Break& broken, std::uint64_t orders_done) {
  Partition* partition = current(broken.partition, orders_done);
  if (partition == nullptr) return;
  partition->broken = broken;
  any_broken_ = true;
}

/// Reading also stops before a change whose key has another form than the partition knows of its source: by what was taken here nobody
/// could tell whether such a change was sent before. The next claim asks whether the form may come, or is a gap.
void Worker::break_at_new_form(Partition& partition, const ChangePosition& change) {
  partition.broken = Break{partition.key, std::nullopt, std::nullopt};
  partition.new_form = SourceKeyForm{change.source_name, change.source_db, *change.key_form};
  hold_reading(partition);
  any_broken_ = true;
}

/// The fault that stops the group, and the gap that is kept of it.
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

/// Not while anything is taken with caution or about to end: then what is in hand is kept small.
bool Worker::may_gather_ahead() const {
  return !draining_ && !revoking_ && !stop_after_unit_ && !any_broken_ && settling_.is_last() && !unit_.full() && !holdings_.any_cautious();
}

/// Called while Postgres is waited for, as Ledger::meanwhile says.
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
