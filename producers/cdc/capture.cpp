#include "producers/cdc/capture.hpp"

#include "common/postgres/visibility.hpp"
#include "producers/cdc/culprit.hpp"
#include "producers/cdc/source_fault.hpp"
#include "producers/cdc/topic_name.hpp"

#include <fmt/format.h>

namespace weir::cdc {

namespace {

constexpr Milliseconds kLockInterval{500};

Result<postgres::Connection> open_connection(const std::string& dsn) {
  postgres::Settings settings;
  settings.dsn = dsn;
  settings.application_name = "weir cdc";
  return postgres::Connection::open(settings);
}

std::vector<std::string> topics_of(const std::vector<CatalogTable>& tables, const std::string& prefix) {
  std::vector<std::string> topics{prefix + ".message"};
  for (const CatalogTable& table : tables) topics.push_back(topic_name(prefix, table.name));
  return topics;
}

}  // namespace

Result<void> Capture::run(Progress& progress) {
  auto connection = WEIR_TRY(open_connection(settings_.dsn));
  Catalog catalog(connection);
  const SourceServer server = WEIR_TRY(catalog.server());
  WEIR_TRY(check_server(server));
  context_.health.ready("postgres");
  WEIR_TRY(wait_for_lock(connection));
  if (context_.stop.stopped()) return {};
  if (server.form() == TextForm::kBytes) context_.log.warning("cdc_encoding", {{"encoding", server.encoding}});
  auto tables = WEIR_TRY(prepare_tables(connection, settings_.tables));
  std::vector<TableName> names;
  for (const CatalogTable& table : tables) names.push_back(table.name);
  WEIR_TRY(postgres::require_visible(connection, names));
  settings_.snapshot.form = server.form();
  auto replication = WEIR_TRY(Replication::open(settings_.dsn, server.form()));
  const SystemIdentity identity = WEIR_TRY(replication.identify());
  settings_.publisher.position_key = position_key(settings_.source_name, identity.database, settings_.stream.slot);
  settings_.publisher.transactional_id =
      transactional_id(settings_.source_name, identity.system_identifier, identity.database, settings_.stream.slot);
  const auto admin = WEIR_TRY(kafka::Admin::open(settings_.publisher.kafka));
  Topics topics(*admin, settings_.publisher);
  WEIR_TRY(topics.prepare(topics_of(tables, settings_.tables.topic_prefix)));
  const auto publisher = WEIR_TRY(Publisher::open(settings_.publisher, topics, context_.clock, context_.stop));
  context_.health.ready("kafka");
  Sources sources{connection, catalog, replication, WEIR_TRY(source_state(identity, catalog)), std::move(tables)};
  auto ended = stream(sources, *publisher, *admin, progress);
  const bool named = std::exchange(settings_.publisher.one_by_one, publisher->record_refused());
  if (ended || !publisher->record_refused() || named) return ended;
  Fault fault = std::move(ended).error();
  fault.kind = FaultKind::kKafkaTxnAbortable;
  return fail(std::move(fault));
}

Result<void> Capture::wait_for_lock(postgres::Connection& connection) {
  const auto name = fmt::format("weir cdc {}", settings_.stream.slot);
  bool told = false;
  while (!context_.stop.stopped()) {
    const auto rows =
        WEIR_TRY(connection.query("cdc_lock", "SELECT pg_try_advisory_lock(hashtextextended($1::text, 0))", postgres::Params().add(name)));
    if (rows[0].get<bool>(0)) break;
    if (!std::exchange(told, true)) context_.log.info("cdc_standby", {{"slot", settings_.stream.slot}});
    context_.health.not_ready("standby",
                              fmt::format("another instance streams slot {}; this one waits for it to end", settings_.stream.slot));
    context_.beat();
    context_.stop.wait(kLockInterval);
  }
  context_.health.ready("standby");
  return {};
}

Result<SourceState> Capture::source_state(const SystemIdentity& identity, Catalog& catalog) {
  SourceState state;
  state.system_identifier = identity.system_identifier;
  state.timeline = identity.timeline;
  state.database = identity.database;
  state.slot = WEIR_TRY(catalog.slot(settings_.stream.slot));
  state.flushed = WEIR_TRY(catalog.flushed());
  return state;
}

Result<void> Capture::stream(Sources& sources, Publisher& publisher, kafka::Admin& admin, Progress& progress) {
  EnvelopeWriter writer(
      {settings_.source_name, settings_.tables.topic_prefix, sources.state.database, settings_.publisher.max_record_bytes});
  CatalogShapes shapes(sources.connection, settings_.tables, settings_.snapshot.form);
  WantedShapes wanted(shapes, settings_.tables);
  Stored stored =
      WEIR_TRY(read_stored(admin, settings_.publisher.position_topic, settings_.publisher.position_key, sources.state.system_identifier));
  WEIR_TRY(start(sources, stored, writer, wanted, publisher));
  TableWatch watch(sources.catalog, settings_.tables, context_);
  watch.set_snapshotted(std::move(stored.snapshotted));
  WEIR_TRY(watch.look());
  Stream stream(settings_.stream, context_, sources.replication, sources.catalog, watch, publisher);
  auto ended = stream.run(*stored.position, stored.skips, writer, wanted, progress);
  const auto failed_at = sources.replication.failed_at();
  if (ended || !is_untranslatable(ended.error()) || !failed_at) return ended;
  return fail(with_culprit(std::move(ended).error(), settings_.dsn, settings_.stream.slot, settings_.stream.publication, progress.published,
                           *failed_at));
}

Result<void> Capture::start(Sources& sources, Stored& stored, EnvelopeWriter& writer, ShapeSource& shapes, Publisher& publisher) {
  const SourceState& source = sources.state;
  if (settings_.resnapshot) {
    WEIR_TRY(check_forget(settings_.stream.slot, stored.position, source, settings_.replaced_server));
    context_.log.warning("cdc_resnapshot", {{"slot", settings_.stream.slot}});
    return take_snapshot(sources, stored, writer, shapes, publisher);
  }
  std::vector<TimelineEnd> history;
  if (stored.position && stored.position->timeline != source.timeline && source.timeline > 1)
    history = WEIR_TRY(sources.replication.timeline_history(source.timeline));
  const Start start = WEIR_TRY(decide_start(settings_.stream.slot, stored.position, source, history));
  switch (start) {
    case Start::kResume:
      stored.position->timeline = source.timeline;
      if (stored.snapshotted) return {};
      // A weir before this one did not keep which tables its snapshot held: those that are there now count as held.
      stored.snapshotted = WEIR_TRY(wanted_tables(sources.catalog));
      return keep_snapshotted(stored, publisher);
    case Start::kAgain:
      context_.log.warning("cdc_snapshot_again", {{"slot", settings_.stream.slot}});
      return take_snapshot(sources, stored, writer, shapes, publisher);
    case Start::kFirst:
      return take_snapshot(sources, stored, writer, shapes, publisher);
  }
  return fail(FaultKind::kBug, "no way to start");
}

Result<void> Capture::take_snapshot(Sources& sources, Stored& stored, EnvelopeWriter& writer, ShapeSource& shapes, Publisher& publisher) {
  StreamPosition position;
  position.system_identifier = sources.state.system_identifier;
  position.timeline = sources.state.timeline;
  position.state = StreamPosition::State::kSnapshot;
  // Stored before the slot is dropped and made: a slot that is found beside this state is the remains of a snapshot that broke off.
  WEIR_TRY(publisher.commit(position));
  settings_.resnapshot = false;
  if (sources.state.slot) WEIR_TRY(sources.replication.drop_slot(settings_.stream.slot));
  context_.health.not_ready("snapshot", "the slot is being made: it waits for the transactions that run in the source to end");
  const NewSlot slot = WEIR_TRY(sources.replication.create_slot(settings_.stream.slot));
  context_.log.info("cdc_snapshot", {{"slot", settings_.stream.slot}, {"at", slot.consistent_point.text()}});
  // As they are named when the snapshot begins: a table that takes another's place meanwhile is not in it.
  stored.snapshotted = WEIR_TRY(wanted_tables(sources.catalog));
  Snapshot snapshot(settings_.snapshot, context_, writer, shapes, stored.skips, publisher);
  stored.position = WEIR_TRY(snapshot.run(settings_.tables.publication, sources.tables, slot, std::move(position)));
  for (const Skip& skip : stored.skips.all()) {
    if (!skip.lsn) WEIR_TRY(publisher.keep(skip_key(settings_.publisher.position_key, skip), std::nullopt));
  }
  WEIR_TRY(keep_snapshotted(stored, publisher));
  context_.health.ready("snapshot");
  return {};
}

Result<std::vector<PublishedTable>> Capture::wanted_tables(SourceCatalog& catalog) {
  auto tables = WEIR_TRY(catalog.published(settings_.tables.publication));
  std::erase_if(tables, [&](const PublishedTable& table) { return !is_wanted(settings_.tables, table.name); });
  return tables;
}

Result<void> Capture::keep_snapshotted(const Stored& stored, Publisher& publisher) {
  const std::string value = snapshotted_value(stored.position->system_identifier, *stored.snapshotted);
  WEIR_TRY(publisher.keep(snapshotted_key(settings_.publisher.position_key), value));
  return publisher.commit(*stored.position);
}

}  // namespace weir::cdc
