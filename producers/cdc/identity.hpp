// Decides which columns of old rows the log has. The announcement in the log decides this, and never the present catalog.
//
// An old row has a cell for every column; a column that its replica identity does not hold comes as null, which says nothing about its
// value. In a partitioned table the announcement's flags and the old row's mark are those of the root, while the row was written under the
// identity of its partition. The server announces the root and then the partition before the first change of each partition, and every
// change names only the root. Therefore, where partitions differ, an old row counts as holding only the columns that all partitions have in
// common which can have written it.
#pragma once

#include "common/core/result.hpp"
#include "common/postgres/table_name.hpp"
#include "producers/cdc/pgoutput.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weir::cdc {

using postgres::TableName;

/// The replica identity of a table or of one of its partitions.
struct Identity {
  TableName table;
  char kind = 'd';          // pg_class.relreplident: default, full, index, nothing
  std::vector<bool> holds;  // by column of the published table
};

/// The identity in the announcement of a table or of a partition; `columns` are those of the published table.
[[nodiscard]] Identity identity_of(const pgoutput::Relation& relation, const std::vector<std::string>& columns);
/// The places of `names` among `columns`, in the order of the names; none where a name is missing.
[[nodiscard]] std::optional<std::vector<std::size_t>> places_of(const std::vector<std::string>& names,
                                                                const std::vector<std::string>& columns);
/// The message key of rows that are keyed by the primary key, as it was when they were written. Where the identity is DEFAULT, the
/// announcement tells the key's columns, though not their order. Elsewhere it is the present key, or the last known one, or the columns of
/// the identity. `primary` is the present primary key, which may have changed since the rows were written; `last` is the key of the table's
/// last announcement.
[[nodiscard]] std::vector<std::size_t> primary_places(const Identity& identity, const std::vector<std::string>& columns,
                                                      const std::vector<std::string>& primary, const std::vector<std::string>& last);
/// "REPLICA IDENTITY FULL".
[[nodiscard]] std::string identity_text(char kind);

/// The old row of a change, as far as the log has it.
struct OldRow {
  const pgoutput::Tuple* row = nullptr;  // null: the columns of the identity have the same values as in the new row
  std::vector<bool> held;                // by column; empty: all
  [[nodiscard]] bool whole() const { return row != nullptr && held.empty(); }
};

/// The identities under which the old rows of one published table are written.
class OldRows {
 public:
  OldRows() = default;
  explicit OldRows(Identity own) : own_(std::move(own)) { recount(); }

  [[nodiscard]] const Identity& own() const { return own_; }
  /// Adds a partition that was announced and whose rows are published as this table's.
  void add_partition(std::uint32_t id, Identity identity);
  /// Takes the partitions over from the former announcement of the same table with the same columns, because the server need not announce
  /// them again.
  void keep_partitions(const OldRows& before);

  /// The known columns of an old row; `row` is null where the change came without an old row. None where a column of `key` is not known:
  /// *lacking is then the identity that does not hold the column.
  [[nodiscard]] std::optional<OldRow> known(const pgoutput::Tuple* row, const std::vector<std::size_t>& key,
                                            const Identity** lacking) const;

 private:
  void recount();

  Identity own_;
  std::map<std::uint32_t, Identity> partitions_;
  std::vector<Identity> distinct_;  // the identities under which a row can have been written, each different from those before it
};

}  // namespace weir::cdc
