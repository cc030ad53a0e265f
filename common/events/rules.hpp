// Rules for JSON values, as rows of data, by which the typed decoder of actions judges each member. The same rules stand as JSON Schema in
// schemas/events/, and tests/unit/events/schema_agreement_test.cpp makes sure that both agree.
#pragma once

#include "common/events/action.hpp"

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::events {

enum class JsonType : std::uint8_t { kString, kInteger, kArray, kObject };

/// The form of a text, beyond its length.
enum class TextForm : std::uint8_t {
  kAny,
  kPlain,        // no control characters
  kPrintable,    // ASCII without space
  kName,         // [a-z][a-z0-9_.]{0,63}
  kUuid,         // 8-4-4-4-12 hexadecimal digits
  kTime,         // RFC 3339 with T and Z of either case, of the years 1970 to 2999, at most nanoseconds, no leap second
  kTraceparent,  // W3C Trace Context
  kJsonType,     // application/json, text/json, anything/anything+json, in any case, with or without parameters
  kBase64,       // RFC 4648, section 4
};

struct Rule {
  std::string_view name;
  JsonType type = JsonType::kString;
  bool required = false;
  TextForm form = TextForm::kAny;
  std::size_t min_size = 0;  // characters, elements or members
  std::size_t max_size = std::numeric_limits<std::size_t>::max();
  std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  std::span<const std::string_view> one_of{};  // the texts that are allowed; empty: any
  const Rule* element = nullptr;               // the rule of an array's elements, which must also differ from each other
};

using MaybeFault = std::optional<ActionFault>;

[[nodiscard]] ActionFault fault_at(std::string_view reason, std::string pointer, std::string message);

/// Checks a value by its rule; `pointer` is the value's place.
[[nodiscard]] MaybeFault check_value(const Rule& rule, simdjson::dom::element value, const std::string& pointer);
/// The same for a text outside of JSON, such as a header.
[[nodiscard]] MaybeFault check_text(const Rule& rule, std::string_view text, const std::string& pointer);
/// Checks an object, which may have only the members that `rules` name.
[[nodiscard]] MaybeFault check_members(std::span<const Rule> rules, simdjson::dom::object object, const std::string& pointer);

/// A whole number as JSON Schema has it since draft 06: 1500, 1500.0 and 1.5e3 are the same.
[[nodiscard]] bool is_whole_number(simdjson::dom::element value);
[[nodiscard]] bool has_form(TextForm form, std::string_view text);
/// The number of characters (code points) of a UTF-8 text.
[[nodiscard]] std::size_t characters_of(std::string_view text);

}  // namespace weir::events
