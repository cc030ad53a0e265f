// Which columns the log has of old rows: the announcement in the log decides, never the catalog of now.
//
// An old row has a cell for every column; a column that its replica identity does not hold comes as null, which says nothing. Of a
// partitioned table the flags of the announcement and the mark of an old row are the root's, while the row was written under the identity
// of its partition. The server announces the root and then the partition before the first change of each partition, and every change names
// the root alone. So where partitions differ, an old row holds what all partitions that can have written it have in common.
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

/// As the announcement of a table, or of a partition, has it; `columns` are the published table's.
[[nodiscard]] Identity identity_of(const pgoutput::Relation& relation, const std::vector<std::string>& columns);
/// The places of `names` among `columns`, in the order of the names; nothing where one is not there.
[[nodiscard]] std::optional<std::vector<std::size_t>> places_of(const std::vector<std::string>& names,
                                                                const std::vector<std::string>& columns);
/// The message key of rows that are keyed by the primary key, as it was when they were written. The announcement tells it where the
/// identity is DEFAULT, but not its order; elsewhere it is the one of now, or the last one that was known, or what the identity holds.
/// `primary` is the primary key of now, which may have moved since, and `last` the key of the table's last announcement.
[[nodiscard]] std::vector<std::size_t> primary_places(const Identity& identity, const std::vector<std::string>& columns,
                                                      const std::vector<std::string>& primary, const std::vector<std::string>& last);
/// "REPLICA IDENTITY FULL".
[[nodiscard]] std::string identity_text(char kind);

/// The old row of a change, as far as the log has it.
struct OldRow {
  const pgoutput::Tuple* row = nullptr;  // none: what the identity holds is as in the new row
  std::vector<bool> held;                // by column; empty: all
  [[nodiscard]] bool whole() const { return row != nullptr && held.empty(); }
};

/// The identities under which the old rows of one published table are written.
class OldRows {
 public:
  OldRows() = default;
  explicit OldRows(Identity own) : own_(std::move(own)) { recount(); }

  [[nodiscard]] const Identity& own() const { return own_; }
  /// A partition was announced whose rows are published as this table's.
  void add_partition(std::uint32_t id, Identity identity);
  /// The same table was announced again with the same columns: its partitions need not be.
  void keep_partitions(const OldRows& before);

  /// What is known of an old row; null: the change came without. Nothing where a column of `key` is not: *lacking is then the identity that
  /// does not hold it.
  [[nodiscard]] std::optional<OldRow> known(const pgoutput::Tuple* row, const std::vector<std::size_t>& key,
                                            const Identity** lacking) const;

 private:
  void recount();

  Identity own_;
  std::map<std::uint32_t, Identity> partitions_;
  std::vector<Identity> distinct_;  // those that hold other columns than those before them; all that can have written a row
};

}  // namespace weir::cdc
