// How weir names what a database holds: exactly, as the catalog has the name, whatever its letters are; in SQL always in quotes. No name
// goes through regclass, which folds upper case and takes dots and spaces for syntax.
//
//   table := [schema "."] name          without a schema: public
//   schema, name := quoted | text       a text is taken as it is; the first dot ends a schema
//   quoted := '"' (character | '""')* '"'
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::postgres {

/// A name in double quotes, as SQL and the replication grammar take it.
[[nodiscard]] std::string sql_name(std::string_view name);
/// A text in single quotes.
[[nodiscard]] std::string sql_text(std::string_view text);

struct TableName {
  std::string schema;
  std::string table;
  friend auto operator<=>(const TableName&, const TableName&) = default;
  /// For people, configuration and logs: parse() gives the same name again.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string sql() const { return sql_name(schema) + "." + sql_name(table); }
  [[nodiscard]] static TableName parse(std::string_view text);
};

/// The two halves of many names, for arrays as parameters: $1 the schemas, $2 the tables.
struct TableNames {
  std::vector<std::string> schemas;
  std::vector<std::string> tables;
  explicit TableNames(const std::vector<TableName>& names);
};

/// Names separated by commas, each as it is, without the spaces around it, or quoted. Empty ones are left out.
[[nodiscard]] std::vector<std::string> parse_names(std::string_view text);

}  // namespace weir::postgres
