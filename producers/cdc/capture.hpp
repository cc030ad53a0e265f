// One capture: an attempt from connecting to the source until a fault, or an order to stop. Every fault that time can heal ends the capture
// too, and the next capture starts from the stored position. So there is one way to take up again, and not one for each kind of fault.
//
// The order of the steps makes it safe. First the advisory lock in the source lets one instance through. Then opening the transactional
// producer fences the instance that held it before, and ends the transaction that it left open. Only after that does the topic of positions
// hold the truth. At last every rule must accept the stored position before the stream begins there.
#pragma once

#include "producers/cdc/capture_ports.hpp"
#include "producers/cdc/outbox_relay.hpp"
#include "producers/cdc/publisher.hpp"
#include "producers/cdc/snapshot.hpp"
#include "producers/cdc/stream.hpp"

namespace weir::cdc {

struct Settings {
  postgres::Settings postgres;  // of the source
  std::string source_name;
  TableSettings tables;
  PublisherSettings publisher;
  StreamSettings stream;
  SnapshotSettings snapshot;
  bool resnapshot = false;      // give up the slot and the stored position, once
  std::string replaced_server;  // the system identifier of a server that is gone, whose position may be given up
};

class Capture {
 public:
  /// Writes into `settings` two facts that the next capture must know: that a resnapshot has begun, and that records are sent one by one.
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
  std::optional<OutboxRelay> relay_;  // through which every record goes to the sink
  std::vector<CatalogTable> tables_;
};

}  // namespace weir::cdc
