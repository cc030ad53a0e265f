// Changes as Kafka records in Debezium's envelope (plain JSON, no inline schema), byte for byte what its readers know:
//
//   value  := { before: row|null, after: row|null, source, transaction: null, op: "c"|"u"|"d"|"r"|"t", ts_ms, ts_us, ts_ns }
//   source := { version, connector: "postgresql", name, ts_ms, snapshot, db, sequence, ts_us, ts_ns, schema, table, txId, lsn, xmin,
//               origin, origin_lsn }
//   sequence is text that holds JSON: [last commit LSN before this transaction | null, LSN of the change], both as texts.
//   key    := the message key columns as an object; null for a truncate
//   logical message := { op: "m", ts_ms, source, transaction: null, message: { prefix, content: base64 } }, keyed by { prefix }
//   content of a skip's message := { schema, table, lsn: "0/16B3748", why, by }
//
// A delete is followed by a tombstone where the key is the primary key. An update that changes the key is a delete, its tombstone and an
// insert, all with one LSN. Unchanged TOAST is filled from the old row where the log has that, else it is the placeholder. `before` is
// there where the log has the whole old row; for a delete it has the columns that the old row holds.
#pragma once

#include "common/core/time.hpp"
#include "producers/cdc/identity.hpp"
#include "producers/cdc/pgoutput.hpp"
#include "producers/cdc/skips.hpp"
#include "producers/cdc/types.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::cdc {

class OutboxRoute;

struct OutRecord {
  std::string topic;
  std::optional<std::string> key;
  std::optional<std::string> value;  // none: a tombstone
  std::vector<std::pair<std::string, std::string>> headers;
  ChangePlace place{};
  [[nodiscard]] std::size_t bytes() const;
};

struct ColumnShape {
  std::string name;
  ColumnType type;
};

/// The shape in which a published table's rows come at this place in the stream.
struct TableShape {
  std::string schema;
  std::string table;
  std::string topic;
  std::vector<ColumnShape> columns;
  std::vector<std::size_t> key;                 // columns of the message key, in its order
  bool keyed_by_primary = true;                 // true: deletes leave tombstones
  bool left_out = false;                        // published by the source, but not wanted, so its changes are dropped
  std::shared_ptr<const OutboxRoute> outbox{};  // of the outbox, whose rows are events and not changes; null: any other table
  OldRows old_rows{};
  TextForm form = TextForm::kUtf8;
};

/// The settings that are the same for every record of this producer.
struct EnvelopeSettings {
  std::string source_name;   // source.name
  std::string topic_prefix;  // of the topic of logical messages
  std::string database;
  std::size_t max_record_bytes = 0;
};

/// Where and when a change happened.
struct ChangeContext {
  Lsn lsn;
  std::optional<Lsn> last_commit;
  Instant committed_at{};
  std::optional<std::uint32_t> xid;  // none: a logical message outside of transactions
  std::string_view snapshot = "false";
  std::string_view origin;  // "" for local changes
  Lsn origin_lsn;
  Instant now{};
};

/// The prefix of the messages that EnvelopeWriter::skip writes.
inline constexpr std::string_view kSkipPrefix = "weir.skip";

/// Makes records, and counts those in which it had to leave columns out. Not thread-safe.
class EnvelopeWriter {
 public:
  explicit EnvelopeWriter(EnvelopeSettings settings) : settings_(std::move(settings)) {}

  void insert(const TableShape& table, const ChangeContext& context, const pgoutput::Tuple& row, std::vector<OutRecord>& out);
  /// A row of a snapshot: op r.
  void read(const TableShape& table, const ChangeContext& context, const pgoutput::Tuple& row, std::vector<OutRecord>& out);
  /// `old` holds the message key, as the old row of a delete does.
  void update(const TableShape& table, const ChangeContext& context, const OldRow& old, const pgoutput::Tuple& row,
              std::vector<OutRecord>& out);
  void remove(const TableShape& table, const ChangeContext& context, const OldRow& old, std::vector<OutRecord>& out);
  void truncate(const TableShape& table, const ChangeContext& context, std::vector<OutRecord>& out);
  void message(const ChangeContext& context, const pgoutput::Logical& message, std::vector<OutRecord>& out);
  /// Writes, in the place of a change that an operator chose to leave out, a logical message that names the change, so that readers of the
  /// table learn that they miss it.
  void skip(const TableShape& table, const ChangeContext& context, std::string_view why, std::string_view by, std::vector<OutRecord>& out);

  [[nodiscard]] std::size_t max_record_bytes() const { return settings_.max_record_bytes; }
  /// How many records went out with columns left out since the last call.
  [[nodiscard]] std::uint64_t take_omitted() { return std::exchange(omitted_, 0); }

 private:
  struct Image {
    const pgoutput::Tuple* row = nullptr;
    const std::vector<bool>* held = nullptr;  // none: the row has every column
    std::vector<bool> omit{};                 // empty: nothing is left out
  };
  void change(const TableShape& table, const ChangeContext& context, char op, Image before, Image after, std::vector<OutRecord>& out);
  void shrink(const TableShape& table, const ChangeContext& context, char op, Image before, Image after, OutRecord& record);
  /// Leaves out columns that are not UTF-8, and returns their names.
  [[nodiscard]] static std::string omit_broken(const TableShape& table, Image& image, std::string_view side);
  [[nodiscard]] std::string value(const TableShape& table, const ChangeContext& context, char op, const Image& before,
                                  const Image& after) const;
  void append_source(std::string& out, const ChangeContext& context, std::string_view schema, std::string_view table) const;
  struct Named {
    std::string_view schema;
    std::string_view table;
  };
  void message(const ChangeContext& context, const Named& about, std::string_view prefix, std::string_view content,
               std::vector<OutRecord>& out);

  EnvelopeSettings settings_;
  std::size_t expected_bytes_ = 512;
  std::uint64_t omitted_ = 0;
};

/// The message key of a row as compact JSON.
[[nodiscard]] std::string key_json(const TableShape& table, const pgoutput::Tuple& row);
/// The columns of a row's key as "name=value" where one of them is not UTF-8 and so cannot be in a key; empty: all are UTF-8.
[[nodiscard]] std::string broken_key(const TableShape& table, const pgoutput::Tuple& row);

}  // namespace weir::cdc
