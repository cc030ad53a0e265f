#include "producers/cdc/session.hpp"

#include "common/postgres/visibility.hpp"
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

Result<void> Session::run(bool& streaming) {
  auto connection = WEIR_TRY(open_connection(settings_.dsn));
  context_.health.ready("postgres");
  WEIR_TRY(wait_for_lock(connection));
  if (context_.stop.stopped()) return {};
  const auto tables = WEIR_TRY(prepare_tables(connection, settings_.tables));
  std::vector<TableName> names;
  for (const CatalogTable& table : tables) names.push_back(table.name);
  WEIR_TRY(postgres::require_visible(connection, names));
  Catalog catalog(connection);
  auto replication = WEIR_TRY(Replication::open(settings_.dsn));
  const SystemIdentity identity = WEIR_TRY(replication.identify());
  const std::string database = WEIR_TRY(catalog.database());
  settings_.publisher.position_key = position_key(settings_.source_name, database, settings_.stream.slot);
  settings_.publisher.transactional_id =
      transactional_id(settings_.source_name, identity.system_identifier, database, settings_.stream.slot);
  const auto admin = WEIR_TRY(kafka::Admin::open(settings_.publisher.kafka));
  WEIR_TRY(prepare_topics(*admin, settings_.publisher, topics_of(tables, settings_.tables.topic_prefix)));
  const auto publisher = WEIR_TRY(Publisher::open(settings_.publisher, context_.clock, context_.stop));
  context_.health.ready("kafka");
  EnvelopeWriter writer({settings_.source_name, settings_.tables.topic_prefix, database, settings_.publisher.max_record_bytes});
  CatalogShapes shapes(connection, settings_.tables);
  const SourceState source = WEIR_TRY(source_state(identity, catalog));
  const Position position = WEIR_TRY(starting_position(tables, source, replication, writer, shapes, *publisher, *admin));
  Stream stream(settings_.stream, context_, connection, replication, *publisher);
  return stream.run(position, writer, shapes, streaming);
}

Result<void> Session::wait_for_lock(postgres::Connection& connection) {
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

Result<SourceState> Session::source_state(const SystemIdentity& identity, Catalog& catalog) {
  SourceState state;
  state.system_identifier = identity.system_identifier;
  state.timeline = identity.timeline;
  state.database = WEIR_TRY(catalog.database());
  state.slot = WEIR_TRY(catalog.slot(settings_.stream.slot));
  state.flushed = WEIR_TRY(catalog.flushed());
  return state;
}

Result<Position> Session::starting_position(const std::vector<CatalogTable>& tables, const SourceState& source, Replication& replication,
                                            EnvelopeWriter& writer, ShapeSource& shapes, Publisher& publisher, kafka::Admin& admin) {
  const auto stored = WEIR_TRY(read_position(admin, settings_.publisher));
  if (settings_.resnapshot) {
    WEIR_TRY(check_forget(settings_.stream.slot, stored, source, settings_.replaced_server));
    context_.log.warning("cdc_resnapshot", {{"slot", settings_.stream.slot}});
    return take_snapshot(source, tables, replication, writer, shapes, publisher);
  }
  std::vector<TimelineEnd> history;
  if (stored && stored->timeline != source.timeline && source.timeline > 1)
    history = WEIR_TRY(replication.timeline_history(source.timeline));
  const Start start = WEIR_TRY(decide_start(settings_.stream.slot, stored, source, history));
  switch (start) {
    case Start::kResume: {
      Position position = *stored;
      position.timeline = source.timeline;
      return position;
    }
    case Start::kAgain:
      context_.log.warning("cdc_snapshot_again", {{"slot", settings_.stream.slot}});
      return take_snapshot(source, tables, replication, writer, shapes, publisher);
    case Start::kFirst:
      return take_snapshot(source, tables, replication, writer, shapes, publisher);
  }
  return fail(FaultKind::kBug, "no way to start");
}

Result<Position> Session::take_snapshot(const SourceState& source, const std::vector<CatalogTable>& tables, Replication& replication,
                                        EnvelopeWriter& writer, ShapeSource& shapes, Publisher& publisher) {
  Position position;
  position.system_identifier = source.system_identifier;
  position.timeline = source.timeline;
  position.state = Position::State::kSnapshot;
  // Stored before the slot is dropped and made: a slot that is found beside this state is the remains of a snapshot that broke off.
  WEIR_TRY(publisher.commit(position));
  settings_.resnapshot = false;
  if (source.slot) WEIR_TRY(replication.drop_slot(settings_.stream.slot));
  context_.health.not_ready("snapshot", "the slot is being made: it waits for the transactions that run in the source to end");
  const NewSlot slot = WEIR_TRY(replication.create_slot(settings_.stream.slot));
  context_.log.info("cdc_snapshot", {{"slot", settings_.stream.slot}, {"at", slot.consistent_point.text()}});
  Snapshot snapshot(settings_.snapshot, context_, writer, shapes, publisher);
  return snapshot.run(settings_.tables.publication, tables, slot, std::move(position));
}

}  // namespace weir::cdc
