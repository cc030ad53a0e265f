// How what the publication has differs from what cdc.tables wants, and from what the last snapshot held. Pure: asked at the start, while
// streaming and by weir check alike.
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
#include <vector>

namespace weir::cdc {

/// A table that cdc.tables names and the publication lacks: its changes are lost until it is published.
struct LackingTable {
  TableName name;
  std::optional<TableName> now;  // what the table that bore this name is called now, where it is still published
  friend bool operator==(const LackingTable&, const LackingTable&) = default;
};

struct PublicationGaps {
  std::vector<TableName> left_out;  // published, but not named: their changes are left out
  std::vector<LackingTable> lacking;
  std::vector<TableName> unsnapshotted;  // published and named, but no snapshot holds them
  friend bool operator==(const PublicationGaps&, const PublicationGaps&) = default;
};

/// May changes of this table go out? Those that cdc.tables names; where it names none, all but weir's own results.
[[nodiscard]] bool is_wanted(const TableSettings& settings, const TableName& table);

/// `snapshotted`: nothing where that is not known.
[[nodiscard]] PublicationGaps compare(const TableSettings& settings, const std::vector<PublishedTable>& published,
                                      const std::optional<std::vector<PublishedTable>>& snapshotted);

/// What the operator is told of one kind of gap.
struct Advice {
  std::string what;
  std::string hint;
  [[nodiscard]] std::string line() const { return what + " (" + hint + ")"; }
};
[[nodiscard]] Advice left_out_advice(const TableSettings& settings, const std::vector<TableName>& tables);
[[nodiscard]] Advice lacking_advice(const TableSettings& settings, const std::vector<LackingTable>& tables);
[[nodiscard]] Advice unsnapshotted_advice(const std::vector<TableName>& tables);
/// Of a table whose changes are left out, and which is not published under the name that the log has for it. They are not published under
/// its new name: that topic begins with a snapshot, which has what these changes came to.
[[nodiscard]] Advice old_name_advice(const TableSettings& settings, const PublishedTable& logged,
                                     const std::vector<PublishedTable>& published);

[[nodiscard]] std::string snapshotted_key(std::string_view position_key);
[[nodiscard]] std::string snapshotted_value(std::string_view system_identifier, const std::vector<PublishedTable>& tables);
/// Nothing: of another server. Fault kData where it cannot be read.
[[nodiscard]] Result<std::optional<std::vector<PublishedTable>>> parse_snapshotted(std::string_view value,
                                                                                   std::string_view system_identifier);

}  // namespace weir::cdc
