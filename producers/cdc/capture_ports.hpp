// What a capture needs of its two sides before it streams: of the source its identity, its tables, its slot and a snapshot of its rows; of
// Kafka the topics and the stored position. PostgresSource and KafkaSink are the real ones; unit tests put fakes in their place.
#pragma once

#include "producers/cdc/catalog.hpp"
#include "producers/cdc/ports.hpp"
#include "producers/cdc/stored.hpp"

#include <functional>
#include <memory>

namespace weir::cdc {

/// The rows in the snapshot of a new slot.
class SnapshotRows {
 public:
  virtual ~SnapshotRows() = default;
  /// The first transaction that the snapshot does not see.
  [[nodiscard]] virtual std::uint32_t xid() const = 0;
  /// The table as the publication has it now; none where it is not published any more.
  virtual Result<std::optional<CatalogTable>> table(const TableName& name) = 0;
  /// A row of the snapshot, its cells valid until the call returns.
  using Take = std::function<Result<void>(const pgoutput::Tuple&)>;
  /// Gives `take` every published row, one by one as they arrive, until `take` fails.
  virtual Result<void> read(const CatalogTable& table, const Take& take) = 0;
};

/// Called from one thread, in the order of the declarations.
class CaptureSource {
 public:
  virtual ~CaptureSource() = default;
  virtual Result<SourceServer> connect() = 0;
  /// Takes the lock that lets one instance through; false: another one has it. It is held as long as this object lives.
  virtual Result<bool> try_lock() = 0;
  /// Checks every wanted table, and the publication where there is one. Returns the tables in the order of the snapshot.
  virtual Result<std::vector<CatalogTable>> check_tables() = 0;
  virtual Result<SystemIdentity> open_log(TextForm form) = 0;
  virtual Result<std::vector<TimelineEnd>> timeline_history(std::uint32_t timeline) = 0;
  virtual Result<void> drop_slot() = 0;
  /// Makes the publication too, where there is none; where the slot cannot be made that is taken back. Waits until the transactions that
  /// run now have ended.
  virtual Result<NewSlot> create_slot() = 0;
  /// Between create_slot() and this call the log's connection must run no command, because the slot's snapshot would end with it.
  virtual Result<std::unique_ptr<SnapshotRows>> open_snapshot(const NewSlot& slot) = 0;
  virtual SourceCatalog& catalog() = 0;
  virtual ShapeSource& shapes() = 0;
  virtual ChangeLog& log() = 0;
  /// Adds to the fault of a stream that got as far as `published` the change that the source could not send, where that is known.
  virtual Fault explained(Fault fault, Lsn published) = 0;
};

/// The identity of a stream in Kafka.
struct SinkIdentity {
  std::string position_key;
  std::string transactional_id;  // by which an instance fences the instance before it
};

class CaptureSink {
 public:
  virtual ~CaptureSink() = default;
  /// Makes the topics that are missing and checks the others; then fences every older instance.
  virtual Result<void> open(const std::vector<std::string>& topics, const SinkIdentity& identity) = 0;
  /// Everything that the topic of positions holds of this stream. After open() no older instance can add to it.
  virtual Result<Stored> stored(std::string_view system_identifier) = 0;
  virtual RecordSink& records() = 0;
};

}  // namespace weir::cdc
