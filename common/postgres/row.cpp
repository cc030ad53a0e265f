#include "common/postgres/statements.hpp"

#include <charconv>
#include <cstdlib>

namespace weir::postgres {

namespace {

/// Splits the text form of a one-dimensional array ({a,"b \"c\"",NULL}); a NULL element is an empty text.
std::vector<std::string> array_elements(std::string_view text) {
  WEIR_ASSERT(text.size() >= 2 && text.front() == '{' && text.back() == '}');
  std::vector<std::string> elements;
  std::string current;
  bool quoted = false;
  bool any = false;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      current.push_back(text[++i]);
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      elements.push_back(std::exchange(current, {}));
    } else {
      current.push_back(c);
    }
    any = true;
  }
  if (any) elements.push_back(std::move(current));
  return elements;
}

std::int64_t to_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  WEIR_ASSERT(error == std::errc{} && end == text.data() + text.size());
  return value;
}

}  // namespace

std::string_view Row::text(int column) const {
  WEIR_ASSERT(column < PQnfields(result_));
  return {PQgetvalue(result_, index_, column), static_cast<std::size_t>(PQgetlength(result_, index_, column))};
}

std::int64_t Row::integer(int column) const { return to_integer(text(column)); }

double Row::real(int column) const {
  char* end = nullptr;
  const std::string value(text(column));
  const double number = std::strtod(value.c_str(), &end);
  WEIR_ASSERT(end == value.c_str() + value.size() && !value.empty());
  return number;
}

bool Row::boolean(int column) const {
  const std::string_view value = text(column);
  WEIR_ASSERT(value == "t" || value == "f");
  return value == "t";
}

Uuid Row::uuid(int column) const {
  const auto id = Uuid::parse(text(column));
  WEIR_ASSERT(id.has_value());
  return *id;
}

Instant Row::instant(int column) const {
  const auto instant = parse_instant(text(column));  // the session's TimeZone is UTC and its DateStyle ISO
  WEIR_ASSERT(instant.has_value());
  return *instant;
}

std::vector<std::int64_t> Row::integers(int column) const {
  std::vector<std::int64_t> values;
  for (const std::string& element : array_elements(text(column))) values.push_back(to_integer(element));
  return values;
}

std::vector<std::string> Row::texts(int column) const { return array_elements(text(column)); }

std::string Row::bytes(int column) const {
  std::size_t length = 0;
  unsigned char* decoded = PQunescapeBytea(reinterpret_cast<const unsigned char*>(PQgetvalue(result_, index_, column)), &length);
  WEIR_ASSERT(decoded != nullptr);
  std::string value(reinterpret_cast<const char*>(decoded), length);
  PQfreemem(decoded);
  return value;
}

}  // namespace weir::postgres
