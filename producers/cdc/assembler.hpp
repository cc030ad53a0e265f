// Turns the message stream of a slot into chunks of records with boundaries between source transactions. Pure: no socket, no clock.
//
// A chunk without a boundary is the middle of a transaction; a Kafka transaction may only end after a chunk that has one. Inside a
// transaction of more than max_transaction_events changes there are boundaries too, each with its part. This is the only exception to the
// rule that readers see a source transaction whole.
#pragma once

#include "producers/cdc/envelope.hpp"
#include "producers/cdc/published_table.hpp"
#include "producers/cdc/stream_position.hpp"

#include <map>

namespace weir::cdc {

/// A place where a Kafka transaction may end, and the position that it then stores.
struct Boundary {
  Lsn lsn;
  std::optional<Lsn> last_commit;
  std::optional<Part> part;
  Instant committed_at{};
  bool idle = false;  // true: no transaction ended here, but the source has moved on without a published change
};

struct Chunk {
  std::vector<OutRecord> records;
  std::size_t bytes = 0;
  std::uint64_t changes = 0;
  std::uint64_t omitted = 0;
  std::uint64_t left_out = 0;                   // changes of tables that are not wanted
  std::vector<PublishedTable> left_out_tables;  // the tables of these changes, each once, as the log names them
  std::uint64_t skipped = 0;                    // changes that an operator chose to leave out
  std::uint64_t left_out_events = 0;            // events of the outbox whose type is not published
  std::string left_out_type;                    // the type of one of them
  std::optional<Boundary> boundary;
};

/// Knows the tables. It is asked whenever the stream announces a relation, also when a table's shape changes while streaming.
class ShapeSource {
 public:
  virtual ~ShapeSource() = default;
  virtual Result<TableShape> shape(const pgoutput::Relation& relation) = 0;
};

struct AssemblerLimits {
  std::uint64_t max_transaction_events = 0;  // by a row of configuration, and so without a default here
  std::size_t chunk_records = 500;
  std::size_t chunk_bytes = 1UL << 20U;
};

class Assembler {
 public:
  Assembler(EnvelopeWriter& writer, ShapeSource& shapes, const AssemblerLimits& limits, const StreamPosition& resume, Skips skips = {});

  /// Takes one message, whose WAL data starts at `lsn`. Faults: kData where the stream does not hold together or a change fits no record,
  /// or the shape source's.
  [[nodiscard]] Result<void> apply(Lsn lsn, const pgoutput::Message& message, Instant now);
  /// Says that the server has published nothing before `wal_end`. False inside a transaction, or where nothing is new.
  [[nodiscard]] bool idle(Lsn wal_end, Instant now);
  /// Whether a chunk is to be taken before the next message.
  [[nodiscard]] bool ready() const;
  [[nodiscard]] Chunk take();

 private:
  struct Transaction {
    pgoutput::Begin begin;
    std::uint64_t messages = 0;       // row, truncate and logical messages so far
    std::uint64_t part_messages = 0;  // the messages of the part at hand
    std::uint64_t skip = 0;           // this many messages are already published
    std::uint64_t part = 1;
    std::string origin;
    Lsn origin_lsn;
  };
  Result<void> on(Lsn lsn, const pgoutput::Begin& begin, Instant now);
  Result<void> on(Lsn lsn, const pgoutput::Commit& commit, Instant now);
  Result<void> on(Lsn lsn, const pgoutput::Origin& origin, Instant now);
  Result<void> on(Lsn lsn, const pgoutput::Relation& relation, Instant now);
  Result<void> on(Lsn lsn, const pgoutput::Type& type, Instant now);
  Result<void> on(Lsn lsn, const pgoutput::Insert& insert, Instant now);
  Result<void> on(Lsn lsn, const pgoutput::Update& update, Instant now);
  Result<void> on(Lsn lsn, const pgoutput::Delete& erase, Instant now);
  Result<void> on(Lsn lsn, const pgoutput::Truncate& truncate, Instant now);
  Result<void> on(Lsn lsn, const pgoutput::Logical& logical, Instant now);

  [[nodiscard]] Result<const TableShape*> table(std::uint32_t relation) const;
  /// Notes that a root publishes the rows of a partition which was announced just after it.
  void note_partition(std::uint32_t relation);
  /// The old row of the change at hand, as far as the log has it. Fault kConfiguration where the log lacks the message key.
  [[nodiscard]] Result<OldRow> old_row(const TableShape& table, const pgoutput::Tuple* row) const;
  /// Fault kData where the key of a row of the change at hand is no UTF-8.
  [[nodiscard]] Result<void> check_key(const TableShape& table, const pgoutput::Tuple& row) const;
  [[nodiscard]] ChangeContext context(Lsn lsn, Instant now) const;
  /// Counts one change of the open transaction; false where it was published before. A change that is not wanted makes no part larger.
  bool count(Lsn lsn, bool wanted);
  void leave_out(const TableShape& table, std::uint32_t relation);
  void close_part();
  void seal(std::size_t first_record);
  /// Writes the change, or the message in its place where an operator chose to leave it out.
  template <class Write>
  Result<void> put(const TableShape& table, Lsn lsn, Instant now, Write write);
  template <class Message, class Write>
  Result<void> change(Lsn lsn, const Message& message, Instant now, Write write);
  /// Writes the event that a row of the outbox is.
  Result<void> event(const TableShape& table, const pgoutput::Tuple& row);

  EnvelopeWriter& writer_;
  ShapeSource& shapes_;
  AssemblerLimits limits_;
  Skips skips_;
  std::map<std::uint32_t, TableShape> tables_;
  std::vector<std::uint32_t> announced_;  // since the last change
  std::optional<Transaction> transaction_;
  std::optional<Part> resume_;
  ChangePlace place_;  // of the last change
  Lsn position_;
  std::optional<Lsn> last_commit_;
  Chunk chunk_;
  std::vector<Chunk> sealed_;
};

}  // namespace weir::cdc
