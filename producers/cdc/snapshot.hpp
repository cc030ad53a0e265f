// The first snapshot: every row of the published tables as the slot's exported snapshot sees them, so that the stream goes on exactly where
// the snapshot ends. A snapshot that breaks off is taken again from its start.
#pragma once

#include "common/process/component.hpp"
#include "producers/cdc/capture_ports.hpp"
#include "producers/cdc/table_watch.hpp"

namespace weir::cdc {

struct SnapshotSettings {
  std::size_t batch_records = 10'000;  // rows of one Kafka transaction
  std::size_t batch_bytes = 32UL << 20U;
};

/// The value of source.snapshot for a row at this place in the snapshot, as Debezium marks it.
[[nodiscard]] std::string_view snapshot_mark(bool first, bool first_of_table, bool last_of_table, bool last);

class Snapshot {
 public:
  Snapshot(const SnapshotSettings& settings, process::Context& context, EnvelopeWriter& writer, ShapeSource& shapes, const Skips& skips,
           RecordSink& sink)
      : settings_(settings), context_(context), writer_(writer), shapes_(shapes), skips_(skips), sink_(sink), left_out_(context) {}

  /// Publishes the rows of `tables`, in their order. Returns the position from which to stream, which the caller commits with the last
  /// rows.
  [[nodiscard]] Result<StreamPosition> run(SnapshotRows& rows, const std::vector<CatalogTable>& tables, Lsn consistent_point,
                                           StreamPosition position);

 private:
  Result<void> read_table(SnapshotRows& rows, const CatalogTable& table);
  /// Copies a row and holds it back, because only the next row tells whether it is the last of its table.
  void hold(const std::shared_ptr<const TableShape>& shape, const pgoutput::Tuple& row);
  /// Sends the row that was held back, now that its place in the snapshot is known.
  Result<void> release(bool last_of_table, bool last);
  Result<void> write(const TableShape& table, const pgoutput::Tuple& row);
  /// Writes the event that a row of the outbox is.
  Result<void> write_event(const TableShape& table, const pgoutput::Tuple& row);
  /// Puts a message in the place of a row that no record can hold, where an operator chose so; otherwise returns the fault.
  Result<void> leave_out(const TableShape& table, Fault fault);
  Result<void> send();

  struct Held {
    std::shared_ptr<const TableShape> shape;
    bool first_of_table = false;
    std::vector<std::string> texts;
    pgoutput::Tuple row;  // points into texts
  };

  const SnapshotSettings& settings_;
  process::Context& context_;
  EnvelopeWriter& writer_;
  ShapeSource& shapes_;
  const Skips& skips_;
  RecordSink& sink_;
  LeftOutEvents left_out_;
  StreamPosition position_;
  ChangeContext at_;
  std::optional<Held> held_;
  bool first_ = true;
  bool first_of_table_ = true;
  std::vector<OutRecord> batch_;
  std::size_t batch_bytes_ = 0;
  std::size_t open_bytes_ = 0;
};

}  // namespace weir::cdc
