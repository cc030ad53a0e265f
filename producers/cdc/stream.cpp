#include "producers/cdc/stream.hpp"

#include "common/core/thread_name.hpp"
#include "producers/cdc/metrics.hpp"

#include <fmt/format.h>

#include <thread>

namespace weir::cdc {

namespace {

constexpr Milliseconds kReadPatience{50};
constexpr Milliseconds kPopPatience{100};
constexpr Milliseconds kRoomPatience{200};
constexpr Seconds kStatusInterval{1};
constexpr Seconds kWatchInterval{2};
constexpr Milliseconds kDeletionInterval{100};

std::uint64_t distance(Lsn from, Lsn to) { return to > from ? to.value - from.value : 0; }

}  // namespace

Result<void> Stream::run(const StreamPosition& position, const Skips& skips, EnvelopeWriter& writer, ShapeSource& shapes,
                         Progress& progress) {
  position_ = position;
  committed_ = position.lsn.value;
  received_ = position.lsn;
  last_commit_ = last_heartbeat_ = last_heard_ = context_.clock.steady();
  WEIR_TRY(log_.start(settings_.slot, settings_.publication, position.lsn));
  progress.streaming = true;
  context_.health.ready("cdc");
  context_.health.started();
  context_.log.info("cdc_streaming", {{"slot", settings_.slot}, {"from", position.lsn.text()}});
  Assembler assembler(writer, shapes, settings_.limits, position, skips);
  std::thread reader([&] {
    name_thread("read");
    auto ended = read(assembler);
    queue_.close(ended ? std::nullopt : std::optional(ended.error()));
  });
  auto published = publish();
  finished_ = true;
  reader.join();
  progress.published = Lsn{committed_};
  if (!published) return published;
  if (auto fault = queue_.fault()) return fail(*std::move(fault));
  return {};
}

Result<void> Stream::read(Assembler& assembler) {
  while (!finished_) {
    const auto received = WEIR_TRY(log_.receive(kReadPatience));
    WEIR_TRY(take(assembler, received));
    if (!std::holds_alternative<Quiet>(received)) last_heard_ = context_.clock.steady();
    // A walsender answers within a moment, even while it decodes changes that are not published.
    if (quiet() > settings_.silence)
      return fail(FaultKind::kPgConnection, "the source has fallen silent: its replication stream does not answer");
    follow_idle_source(assembler);
    WEIR_TRY(hand_over(assembler));
    WEIR_TRY(confirm_when_due(false));
    WEIR_TRY(watch_slot());
    WEIR_TRY(delete_events(kDeletionInterval));
  }
  // The last commit is confirmed too, so that the next start takes nothing again.
  WEIR_TRY(confirm_when_due(true));
  return delete_events({});
}

Result<void> Stream::take(Assembler& assembler, const Received& received) {
  if (const auto* data = std::get_if<Data>(&received)) {
    received_ = std::max(received_, data->start);
    const auto message = WEIR_TRY(pgoutput::decode(data->bytes));
    return assembler.apply(data->start, message, context_.clock.now());
  }
  if (const auto* keepalive = std::get_if<Keepalive>(&received)) {
    received_ = idle_end_ = std::max(received_, keepalive->wal_end);
    if (keepalive->reply_now) return confirm_when_due(true);
  }
  return {};
}

void Stream::follow_idle_source(Assembler& assembler) {
  const auto now = context_.clock.steady();
  if (now - last_heartbeat_ < settings_.heartbeat) return;
  if (assembler.idle(idle_end_, context_.clock.now())) last_heartbeat_ = now;
}

Result<void> Stream::hand_over(Assembler& assembler) {
  while (assembler.ready()) {
    Chunk chunk = assembler.take();
    WEIR_TRY(watch_.left_out(chunk.left_out_tables));
    while (!queue_.push(chunk, kRoomPatience)) {
      if (finished_) return {};
      // The server's timeout counts from our last answer, so we answer also while Kafka is slow.
      WEIR_TRY(confirm_when_due(false));
      WEIR_TRY(watch_slot());
      last_heard_ = context_.clock.steady();
    }
  }
  return {};
}

Result<void> Stream::confirm_when_due(bool now) {
  const auto time = context_.clock.steady();
  const std::uint64_t committed = committed_;
  if (!now && committed == confirmed_ && time - last_status_ < kStatusInterval) return {};
  last_status_ = time;
  confirmed_ = committed;
  // Asks for an answer after some silence, because a server that hears from us every second has no reason to send anything while it is
  // idle.
  return log_.confirm(std::max(received_, Lsn{committed}), Lsn{committed}, context_.clock.now(), quiet() > settings_.silence / 4);
}

Microseconds Stream::quiet() const { return std::chrono::duration_cast<Microseconds>(context_.clock.steady() - last_heard_); }

Result<void> Stream::watch_slot() {
  const auto time = context_.clock.steady();
  if (time - last_watch_ < kWatchInterval) return {};
  last_watch_ = time;
  // This thread reports Kafka's faults, because the other thread cannot while its commit waits for Kafka.
  const auto kafka = sink_.healthy();
  kafka ? context_.health.ready("kafka") : context_.health.not_ready("kafka", kafka.error().line());
  WEIR_TRY(watch_.look());
  const auto slot = WEIR_TRY(catalog_.slot(settings_.slot));
  const Lsn flushed = WEIR_TRY(catalog_.flushed());
  if (!slot) return {};
  const auto retained = distance(slot->restart, flushed);
  context_.metrics.of(kRetainedBytes).set(static_cast<double>(retained));
  context_.metrics.of(kLagBytes).set(static_cast<double>(distance(Lsn{committed_}, flushed)));
  if (settings_.retained_limit == 0 || retained <= settings_.retained_limit) return {};
  return fail(FaultKind::kData,
              fmt::format("replication slot {} makes the source keep {} bytes of WAL, above cdc.retained_limit of {}", settings_.slot,
                          retained, settings_.retained_limit),
              "look for a long transaction in the source or a slow Kafka; raise cdc.retained_limit to go on; to give the WAL up, drop the "
              "slot and run: weir cdc resnapshot");
}

Result<void> Stream::delete_events(Microseconds interval) {
  if (sink_.waiting() == 0) return {};
  const auto time = context_.clock.steady();
  if (time - last_deletion_ < interval) return {};
  last_deletion_ = time;
  WEIR_TRY(sink_.delete_some(catalog_));
  context_.metrics.of(kUndeletedEvents).set(static_cast<double>(sink_.waiting()));
  return {};
}

Result<void> Stream::publish() {
  // When told to stop, the open transaction is dropped. Its position is not stored, so that the next start takes its changes again.
  while (!context_.stop.stopped()) {
    context_.beat();
    const auto gathered = pace_.next(sink_.open_records()) - context_.clock.steady();
    const auto patience = standing_at_ ? std::chrono::ceil<Microseconds>(std::max(gathered, std::chrono::nanoseconds{0})) : kPopPatience;
    auto chunk = queue_.pop(patience);
    if (chunk) {
      WEIR_TRY(take(*chunk));
    } else if (queue_.closed()) {
      return {};
    }
    WEIR_TRY(commit_when_due());
    if (sink_.got_past())
      return fail(FaultKind::kKafkaTxnAbortable, "records go out in batches again, because the broker accepts them one by one");
  }
  return {};
}

Result<void> Stream::take(const Chunk& chunk) {
  WEIR_TRY(sink_.publish(chunk.records));
  context_.metrics.of(kChanges).add(static_cast<double>(chunk.changes));
  if (chunk.omitted > 0) context_.metrics.of(kOmitted).add(static_cast<double>(chunk.omitted));
  if (chunk.left_out > 0) context_.metrics.of(kLeftOut).add(static_cast<double>(chunk.left_out));
  if (chunk.left_out_events > 0) left_out_.add(chunk.left_out_events, chunk.left_out_type);
  if (chunk.skipped > 0) {
    context_.metrics.of(kSkipped).add(static_cast<double>(chunk.skipped));
    context_.log.warning("cdc_changes_skipped", {{"changes", chunk.skipped}, {"place", chunk.records.back().place.lsn.text()}});
  }
  standing_at_ = std::nullopt;
  if (!chunk.boundary) return {};
  const Boundary& boundary = *chunk.boundary;
  if (!boundary.idle && !boundary.part) ++pending_transactions_;
  const bool nothing_new = sink_.open_records() == 0 && !boundary.idle;
  if (nothing_new && context_.clock.steady() - last_commit_ < settings_.heartbeat) return {};
  standing_at_ = boundary;
  return {};
}

Result<void> Stream::commit_when_due() {
  if (!standing_at_) return {};
  // While a Kafka transaction commits, the next one gathers. It ends once nothing waits any more and nothing has come for a while.
  const bool full = standing_at_->part || sink_.open_records() >= settings_.batch_records;
  if (!full && (!queue_.empty() || context_.clock.steady() < pace_.next(sink_.open_records()))) return {};
  return commit(*std::exchange(standing_at_, std::nullopt));
}

Result<void> Stream::commit(const Boundary& boundary) {
  position_.state = StreamPosition::State::kStream;
  position_.lsn = boundary.lsn;
  position_.last_commit = boundary.last_commit;
  position_.part = boundary.part;
  const auto started = context_.clock.steady();
  WEIR_TRY(sink_.commit(position_));
  last_commit_ = context_.clock.steady();
  pace_.committed(started, last_commit_);
  committed_ = boundary.lsn.value;
  context_.metrics.of(kCommitSeconds).observe(last_commit_ - started);
  if (!boundary.idle) context_.metrics.of(kSourceToKafkaSeconds).observe(context_.clock.now() - boundary.committed_at);
  if (boundary.part) context_.metrics.of(kParts).add();
  context_.metrics.of(kTransactions).add(static_cast<double>(std::exchange(pending_transactions_, 0)));
  return {};
}

}  // namespace weir::cdc
