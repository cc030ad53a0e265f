#include "producers/cdc/topic_name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::cdc {

namespace {

constexpr std::size_t kLongestName = 249;

bool is_legal(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/// How many UTF-16 units the character takes that begins with this byte; 0 where the byte is inside a character.
std::size_t utf16_units(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if ((byte & 0xC0U) == 0x80U) return 0;
  return byte >= 0xF0U ? 2 : 1;
}

std::string without_dots(std::string name) {
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

}  // namespace

std::string topic_name(std::string_view prefix, const postgres::TableName& table) {
  std::string name;
  for (const char c : fmt::format("{}.{}.{}", prefix, table.schema, table.table)) {
    if (is_legal(c)) {
      name += c;
    } else {
      name.append(utf16_units(c), '_');
    }
  }
  return name.substr(0, kLongestName);
}

bool is_topic_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && name != "." && name != ".." && std::all_of(name.begin(), name.end(), is_legal);
}

std::string topic_key(std::string_view prefix, const postgres::TableName& table) { return without_dots(topic_name(prefix, table)); }

std::string topic_clash(std::string_view prefix, const postgres::TableName& one, const postgres::TableName& other) {
  if (topic_key(prefix, one) != topic_key(prefix, other)) return {};
  return fmt::format(
      "table {} cannot be published beside {}: their topics would be {} and {}, which Kafka does not tell apart; rename one of the tables, "
      "or "
      "take it out of cdc.tables and the publication",
      one.text(), other.text(), topic_name(prefix, one), topic_name(prefix, other));
}

}  // namespace weir::cdc
