// One capture: an attempt from connecting to the source until a fault, or an order to stop. Every fault that time can heal ends it, and the
// next one starts from the stored position: there is one way to take up, not one for each kind of fault.
//
// The order is a safety argument. The advisory lock in the source lets one instance through; opening the transactional producer
// fences whoever held it before and settles what that one left open; only then does the topic of positions hold the truth; and only
// a position that passes every rule is streamed from.
#pragma once

#include "producers/cdc/capture_ports.hpp"
#include "producers/cdc/publisher.hpp"
#include "producers/cdc/snapshot.hpp"
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
  /// Writes into `settings` what the next capture must know: that a resnapshot has begun, and that records go out one by one.
  Capture(Settings& settings, process::Context& context, CaptureSource& source, CaptureSink& sink)
      : settings_(settings), context_(context), source_(source), sink_(sink) {}

  /// Runs until told to stop (Ok) or a fault.
  [[nodiscard]] Result<void> run(Progress& progress);

 private:
  Result<void> wait_for_lock();
  Result<void> open_sink(const SystemIdentity& identity);
  Result<SourceState> source_state(const SystemIdentity& identity);
  Result<void> stream(const SourceState& source, Progress& progress);
  Result<void> start(const SourceState& source, Stored& stored, EnvelopeWriter& writer, ShapeSource& shapes);
  Result<void> take_snapshot(const SourceState& source, Stored& stored, EnvelopeWriter& writer, ShapeSource& shapes);
  Result<std::vector<PublishedTable>> wanted_tables();
  /// Keeps which tables the snapshot held, and commits the position with it.
  Result<void> keep_snapshotted(const Stored& stored);

  Settings& settings_;
  process::Context& context_;
  CaptureSource& source_;
  CaptureSink& sink_;
  std::string position_key_;
  std::vector<CatalogTable> tables_;
};

}  // namespace weir::cdc
