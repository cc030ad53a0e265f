// Which tables are published and how their records are keyed: the rules (pure), the publication made or checked at start, and the
// shapes that the stream asks for.
#pragma once

#include "producers/cdc/catalog.hpp"
#include "producers/cdc/outbox.hpp"

#include <map>
#include <string>
#include <vector>

namespace weir::cdc {

struct TableSettings {
  std::string publication;
  std::string topic_prefix;
  std::vector<TableName> tables;                              // in the order of the snapshot; empty: the publication's tables
  std::map<TableName, std::vector<std::string>> key_columns;  // message keys other than the primary key
  OutboxSettings outbox{};                                    // its table is published only where it is one of the tables
};

/// Reads cdc.tables and cdc.keys (table → columns, separated by commas).
[[nodiscard]] Result<TableSettings> table_settings(std::string publication, std::string topic_prefix,
                                                   const std::vector<std::string>& tables, const std::map<std::string, std::string>& keys);

/// Why this table must not be published as it is, one line with its repair for each reason; empty: it may be published.
[[nodiscard]] std::string objection(const CatalogTable& table, const TableSettings& settings);
/// Whether the table is one of weir's own whose changes nobody may consume: positions, outcomes, and results that would feed on themselves.
[[nodiscard]] bool is_own_result(const TableName& table);

/// Why published events cannot be deleted from the outbox, with the repair; empty: they can.
[[nodiscard]] std::string deletion_objection(const TableName& outbox, const Access& access);

/// How an existing publication differs from the one that weir needs; empty: it does not.
[[nodiscard]] std::string objection(std::string_view name, const PublicationState& state, const std::vector<TableName>& wanted);

/// Checks every table, and the publication where there is one. The fault holds all objections at once. Returns the tables in the order of
/// the snapshot.
[[nodiscard]] Result<std::vector<CatalogTable>> check_tables(postgres::Connection& connection, const TableSettings& settings);

/// CREATE PUBLICATION for cdc.tables. A server from version 18 on can publish generated columns, and then does.
[[nodiscard]] std::string publication_statement(const TableSettings& settings, int server_version);
/// Makes the publication from cdc.tables where there is none. False: there was one.
[[nodiscard]] Result<bool> make_publication(postgres::Connection& connection, const TableSettings& settings);
[[nodiscard]] Result<void> drop_publication(postgres::Connection& connection, const TableSettings& settings);

/// The shape of a table's rows as the stream announces them.
class CatalogShapes final : public ShapeSource {
 public:
  CatalogShapes(postgres::Connection& connection, const TableSettings& settings, TextForm form)
      : catalog_(connection), settings_(settings), form_(form) {}
  Result<TableShape> shape(const pgoutput::Relation& relation) override;

 private:
  Catalog catalog_;
  const TableSettings& settings_;
  TextForm form_;
  std::map<std::uint32_t, std::vector<std::string>> last_keys_;  // by relation
};

/// The announcement that the stream would make of this table.
[[nodiscard]] pgoutput::Relation announcement(const CatalogTable& table);

}  // namespace weir::cdc
