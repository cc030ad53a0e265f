#include "common/postgres/table_name.hpp"

#include <algorithm>
#include <optional>

namespace weir::postgres {

namespace {

std::string doubled(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out + quote;
}

/// Takes a quoted name off the front of `text`; nothing where none stands there.
std::optional<std::string> take_quoted(std::string_view& text) {
  if (!text.starts_with('"')) return std::nullopt;
  std::string name;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      if (i + 1 == text.size() || text[i + 1] != '"') {
        text.remove_prefix(i + 1);
        return name;
      }
      ++i;
    }
    name += text[i];
  }
  return std::nullopt;
}

/// The whole of `text` as one name.
std::string whole_name(std::string_view text) {
  std::string_view rest = text;
  auto quoted = take_quoted(rest);
  return quoted && rest.empty() ? *std::move(quoted) : std::string(text);
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string sql_name(std::string_view name) { return doubled(name, '"'); }
std::string sql_text(std::string_view text) { return doubled(text, '\''); }

TableName TableName::parse(std::string_view text) {
  std::string_view rest = text;
  if (auto schema = take_quoted(rest); schema && rest.starts_with('.')) return {*std::move(schema), whole_name(rest.substr(1))};
  const auto dot = text.find('.');
  if (text.starts_with('"') || dot == std::string_view::npos) return {"public", whole_name(text)};
  return {std::string(text.substr(0, dot)), whole_name(text.substr(dot + 1))};
}

std::string TableName::text() const {
  const bool bare_schema = schema.find('.') == std::string::npos && !schema.starts_with('"');
  return (bare_schema ? schema : sql_name(schema)) + "." + (table.starts_with('"') ? sql_name(table) : table);
}

TableNames::TableNames(const std::vector<TableName>& names) {
  for (const TableName& name : names) {
    schemas.push_back(name.schema);
    tables.push_back(name.table);
  }
}

std::vector<std::string> parse_names(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    std::string_view rest = text;
    const auto quoted = take_quoted(rest);
    const auto end = quoted ? text.size() - rest.size() : 0;
    const auto comma = std::min(text.find(',', end), text.size());
    const auto name = whole_name(trimmed(text.substr(0, comma)));
    if (!name.empty()) names.push_back(name);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return names;
}

}  // namespace weir::postgres
