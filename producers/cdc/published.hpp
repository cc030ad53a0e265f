// Finds how the publication's tables differ from those of cdc.tables and from those of the last snapshot. Pure; used at the start, while
// streaming and by weir check.
//
// The tables of the last snapshot are kept in the topic of positions, by name and oid: a table that was renamed has another topic, and
// one that took the name of another has other rows.
//
//   key   := the position's key with one more member, "tables": "snapshotted"
//   value := { "system_identifier", "tables": [ { "schema", "table", "oid": n } … ] }
#pragma once

#include "producers/cdc/published_table.hpp"
#include "producers/cdc/tables.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::cdc {

/// A table that cdc.tables names and the publication lacks: its changes are lost until it is published.
struct LackingTable {
  TableName name;
  std::optional<TableName> now;  // the present name of the table that had this name, where it is still published
  friend bool operator==(const LackingTable&, const LackingTable&) = default;
};

struct PublicationGaps {
  std::vector<TableName> left_out;  // published but not in cdc.tables: their changes are left out
  std::vector<LackingTable> lacking;
  std::vector<TableName> unsnapshotted;                   // published and in cdc.tables, but in no snapshot
  std::vector<std::pair<TableName, TableName>> clashing;  // both published, with one topic: the changes of one are left out
  friend bool operator==(const PublicationGaps&, const PublicationGaps&) = default;
};

/// May changes of this table be published? Yes where cdc.tables names it; where cdc.tables is empty, yes unless the table is one of weir's
/// own results.
[[nodiscard]] bool is_wanted(const TableSettings& settings, const TableName& table);

/// `snapshotted` is none where the tables of the last snapshot are not known.
[[nodiscard]] PublicationGaps compare(const TableSettings& settings, const std::vector<PublishedTable>& published,
                                      const std::optional<std::vector<PublishedTable>>& snapshotted);

/// The message to the operator about one kind of gap.
struct Advice {
  std::string what;
  std::string hint;
  [[nodiscard]] std::string line() const { return what + " (" + hint + ")"; }
};
[[nodiscard]] Advice left_out_advice(const TableSettings& settings, const std::vector<TableName>& tables);
[[nodiscard]] Advice lacking_advice(const TableSettings& settings, const std::vector<LackingTable>& tables);
[[nodiscard]] Advice unsnapshotted_advice(const std::vector<TableName>& tables);
[[nodiscard]] Advice clashing_advice(const TableSettings& settings, const std::vector<std::pair<TableName, TableName>>& tables);
/// The message about a table whose changes are left out because their topic is that of another table.
[[nodiscard]] Advice taken_topic_advice(const TableSettings& settings, const TableName& table);
/// The message about a table whose changes are left out because the log has it under a name that is no longer published. The changes are
/// not published under the table's new name either: the topic of that name begins with a snapshot, which already includes their results.
[[nodiscard]] Advice old_name_advice(const TableSettings& settings, const PublishedTable& logged,
                                     const std::vector<PublishedTable>& published);

[[nodiscard]] std::string snapshotted_key(std::string_view position_key);
[[nodiscard]] std::string snapshotted_value(std::string_view system_identifier, const std::vector<PublishedTable>& tables);
/// None where the value is of another server. Fault kData where it cannot be read.
[[nodiscard]] Result<std::optional<std::vector<PublishedTable>>> parse_snapshotted(std::string_view value,
                                                                                   std::string_view system_identifier);

}  // namespace weir::cdc
