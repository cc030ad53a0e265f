#include "producers/cdc/capture.hpp"

#include "producers/cdc/topic_name.hpp"

#include <fmt/format.h>

namespace weir::cdc {

namespace {

constexpr Milliseconds kLockInterval{500};

/// The topics that are made at the start; those of events are made when their types first appear.
std::vector<std::string> topics_of(const std::vector<CatalogTable>& tables, const TableSettings& settings) {
  std::vector<std::string> topics{settings.topic_prefix + ".message"};
  for (const CatalogTable& table : tables) {
    if (table.name != settings.outbox.table) topics.push_back(topic_name(settings.topic_prefix, table.name));
  }
  return topics;
}

}  // namespace

Result<void> Capture::run(Progress& progress) {
  const SourceServer server = WEIR_TRY(source_.connect());
  WEIR_TRY(check_server(server));
  context_.health.ready("postgres");
  WEIR_TRY(wait_for_lock());
  if (context_.stop.stopped()) return {};
  if (server.form() == TextForm::kBytes) context_.log.warning("cdc_encoding", {{"encoding", server.encoding}});
  tables_ = WEIR_TRY(source_.check_tables());
  const SystemIdentity identity = WEIR_TRY(source_.open_log(server.form()));
  WEIR_TRY(open_sink(identity));
  auto ended = stream(WEIR_TRY(source_state(identity)), progress);
  const bool refused = sink_.records().record_refused();
  const bool named = std::exchange(settings_.publisher.one_by_one, refused);
  if (ended || !refused || named) return ended;
  Fault fault = std::move(ended).error();
  fault.kind = FaultKind::kKafkaTxnAbortable;
  return fail(std::move(fault));
}

Result<void> Capture::wait_for_lock() {
  bool told = false;
  while (!context_.stop.stopped()) {
    if (WEIR_TRY(source_.try_lock())) break;
    if (!std::exchange(told, true)) {
      context_.log.info(
          "cdc_standby",
          {{"slot", settings_.stream.slot},
           {"hint", "another weir cdc streams this slot: this one begins, with a new snapshot too, once that one is stopped"}});
    }
    context_.health.not_ready("standby",
                              fmt::format("another instance streams slot {}; this one waits for it to end", settings_.stream.slot));
    context_.beat();
    context_.stop.wait(kLockInterval);
  }
  context_.health.ready("standby");
  return {};
}

Result<void> Capture::open_sink(const SystemIdentity& identity) {
  const std::string& slot = settings_.stream.slot;
  position_key_ = position_key(settings_.source_name, identity.database, slot);
  WEIR_TRY(sink_.open(topics_of(tables_, settings_.tables),
                      {position_key_, transactional_id(settings_.source_name, identity.system_identifier, identity.database, slot)}));
  context_.health.ready("kafka");
  return {};
}

Result<SourceState> Capture::source_state(const SystemIdentity& identity) {
  SourceState state;
  state.system_identifier = identity.system_identifier;
  state.timeline = identity.timeline;
  state.database = identity.database;
  state.slot = WEIR_TRY(source_.catalog().slot(settings_.stream.slot));
  state.flushed = WEIR_TRY(source_.catalog().flushed());
  return state;
}

Result<void> Capture::stream(const SourceState& source, Progress& progress) {
  EnvelopeWriter writer({settings_.source_name, settings_.tables.topic_prefix, source.database, settings_.publisher.max_record_bytes});
  WantedShapes wanted(source_.shapes(), settings_.tables);
  for (const CatalogTable& table : tables_) wanted.take_topic(table.name);
  Stored stored = WEIR_TRY(sink_.stored(source.system_identifier));
  relay_.emplace(sink_.records(), settings_.tables.outbox.table, RelayIdentity{position_key_, source.system_identifier},
                 std::move(stored.outbox));
  WEIR_TRY(start(source, stored, writer, wanted));
  TableWatch watch(source_.catalog(), settings_.tables, context_);
  watch.set_snapshotted(std::move(stored.snapshotted));
  WEIR_TRY(watch.look());
  Stream stream(settings_.stream, context_, source_.log(), source_.catalog(), watch, *relay_);
  auto ended = stream.run(*stored.position, stored.skips, writer, wanted, progress);
  if (ended) return ended;
  return fail(source_.explained(std::move(ended).error(), progress.published));
}

Result<void> Capture::start(const SourceState& source, Stored& stored, EnvelopeWriter& writer, ShapeSource& shapes) {
  if (settings_.resnapshot) {
    WEIR_TRY(check_forget(settings_.stream.slot, stored.position, source, settings_.replaced_server));
    context_.log.warning("cdc_resnapshot", {{"slot", settings_.stream.slot}});
    return take_snapshot(source, stored, writer, shapes);
  }
  std::vector<TimelineEnd> history;
  if (stored.position && stored.position->timeline != source.timeline && source.timeline > 1)
    history = WEIR_TRY(source_.timeline_history(source.timeline));
  const Start start = WEIR_TRY(decide_start(settings_.stream.slot, stored.position, source, history));
  switch (start) {
    case Start::kResume:
      stored.position->timeline = source.timeline;
      if (stored.snapshotted) return {};
      // An older weir did not keep the tables of its snapshot, so all present tables count as in it.
      stored.snapshotted = WEIR_TRY(wanted_tables());
      return keep_snapshotted(stored);
    case Start::kAgain:
      context_.log.warning("cdc_snapshot_again", {{"slot", settings_.stream.slot}});
      return take_snapshot(source, stored, writer, shapes);
    case Start::kFirst:
      return take_snapshot(source, stored, writer, shapes);
  }
  return fail(FaultKind::kBug, "no way to start");
}

Result<void> Capture::take_snapshot(const SourceState& source, Stored& stored, EnvelopeWriter& writer, ShapeSource& shapes) {
  StreamPosition position;
  position.system_identifier = source.system_identifier;
  position.timeline = source.timeline;
  position.state = StreamPosition::State::kSnapshot;
  RecordSink& records = *relay_;
  // This is stored before the slot is dropped and made, so that a slot which is found beside this state is known to be left over from a
  // snapshot that broke off.
  WEIR_TRY(records.commit(position));
  settings_.resnapshot = false;
  if (source.slot) WEIR_TRY(source_.drop_slot());
  context_.health.not_ready("snapshot", "the slot is being made: it waits for the transactions that run in the source to end");
  const NewSlot slot = WEIR_TRY(source_.create_slot());
  context_.log.info("cdc_snapshot", {{"slot", settings_.stream.slot}, {"at", slot.consistent_point.text()}});
  // The names are those at the beginning of the snapshot, because a table that takes another's name later is not in the snapshot.
  stored.snapshotted = WEIR_TRY(wanted_tables());
  const auto rows = WEIR_TRY(source_.open_snapshot(slot));
  Snapshot snapshot(settings_.snapshot, context_, writer, shapes, stored.skips, records);
  stored.position = WEIR_TRY(snapshot.run(*rows, tables_, slot.consistent_point, std::move(position)));
  for (const Skip& skip : stored.skips.all()) {
    if (!skip.lsn) WEIR_TRY(records.keep(skip_key(position_key_, skip), std::nullopt));
  }
  WEIR_TRY(keep_snapshotted(stored));
  context_.health.ready("snapshot");
  return {};
}

Result<std::vector<PublishedTable>> Capture::wanted_tables() {
  auto tables = WEIR_TRY(source_.catalog().published(settings_.tables.publication));
  std::erase_if(tables, [&](const PublishedTable& table) { return !is_wanted(settings_.tables, table.name); });
  return tables;
}

Result<void> Capture::keep_snapshotted(const Stored& stored) {
  const std::string value = snapshotted_value(stored.position->system_identifier, *stored.snapshotted);
  WEIR_TRY(relay_->keep(snapshotted_key(position_key_), value));
  return relay_->commit(*stored.position);
}

}  // namespace weir::cdc
