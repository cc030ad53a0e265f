// One capture: an attempt from connecting to the source until a fault, or an order to stop. Every fault that time can heal ends it, and the
// next one starts from the stored position: there is one way to take up, not one for each kind of fault.
//
// The order is a safety argument. The advisory lock in the source lets one instance through; opening the transactional producer
// fences whoever held it before and settles what that one left open; only then does the topic of positions hold the truth; and only
// a position that passes every rule is streamed from.
#pragma once

#include "producers/cdc/publisher.hpp"
#include "producers/cdc/snapshot.hpp"
#include "producers/cdc/stored.hpp"
#include "producers/cdc/stream.hpp"

namespace weir::cdc {

struct Settings {
  std::string dsn;
  std::string source_name;
  TableSettings tables;
  PublisherSettings publisher;
  StreamSettings stream;
  SnapshotSettings snapshot;
  bool resnapshot = false;      // give up what the slot and the stored position say, once
  std::string replaced_server;  // the system identifier of a server that is gone, whose position may be given up, too
};

class Capture {
 public:
  Capture(Settings& settings, process::Context& context) : settings_(settings), context_(context) {}

  /// Runs until told to stop (Ok) or a fault.
  [[nodiscard]] Result<void> run(Progress& progress);

 private:
  /// What the source side of a capture holds.
  struct Sources {
    postgres::Connection& connection;
    Catalog& catalog;
    Replication& replication;
    SourceState state;
    std::vector<CatalogTable> tables;
  };
  Result<void> wait_for_lock(postgres::Connection& connection);
  Result<SourceState> source_state(const SystemIdentity& identity, Catalog& catalog);
  Result<void> stream(Sources& sources, Publisher& publisher, kafka::Admin& admin, Progress& progress);
  Result<void> start(Sources& sources, Stored& stored, EnvelopeWriter& writer, ShapeSource& shapes, Publisher& publisher);
  Result<std::vector<PublishedTable>> wanted_tables(SourceCatalog& catalog);
  /// Keeps which tables the snapshot held, and commits the position with it.
  Result<void> keep_snapshotted(const Stored& stored, Publisher& publisher);
  Result<void> take_snapshot(Sources& sources, Stored& stored, EnvelopeWriter& writer, ShapeSource& shapes, Publisher& publisher);

  Settings& settings_;
  process::Context& context_;
};

}  // namespace weir::cdc
