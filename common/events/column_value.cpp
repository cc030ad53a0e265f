#include "common/events/column_value.hpp"

#include "common/core/base64.hpp"
#include "common/core/text.hpp"
#include "common/events/decimal.hpp"
#include "common/events/plain_json.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstring>

namespace weir::events {

namespace {

// Times outside of these years cannot be written as text again.
constexpr std::int64_t kYear1 = -62'135'596'800;      // 0001-01-01T00:00:00Z in seconds
constexpr std::int64_t kYear10000 = 253'402'300'800;  // 10000-01-01T00:00:00Z

ValueFault wrong_type(const Column& column, std::string_view expected, const Token& token) {
  if (token.kind == TokenKind::kBroken) return {kMalformed, fmt::format("the value of {} is not JSON", column.name)};
  return {"wrong_type", fmt::format("{} must be {}, not {}", column.name, expected, name_of(token.kind))};
}

ValueFault broken_escape(const Column& column) {
  return {kMalformed, fmt::format("the text of {} holds an escape that JSON does not know", column.name)};
}

ValueFault read_text(const Column& column, ondemand::value& value, const Token& token, Value& out) {
  if (token.kind != TokenKind::kString) return wrong_type(column, "a string", token);
  std::string_view text;
  if (!text_of(value, token, text)) return broken_escape(column);
  if (text == kUnavailable) {
    out = Unavailable{};
    return {};
  }
  if (text.find('\0') != std::string_view::npos) {
    return {"out_of_domain", fmt::format("the text of {} holds a NUL character, which Postgres cannot keep", column.name)};
  }
  out = text;
  return {};
}

ValueFault read_uuid(const Column& column, const Token& token, Value& out) {
  if (token.kind != TokenKind::kString) return wrong_type(column, "a uuid in a string", token);
  const auto id = Uuid::parse(token.quoted());
  if (!id) return {"wrong_type", fmt::format("{} must be a uuid (8-4-4-4-12 hexadecimal digits), not other text", column.name)};
  out = *id;
  return {};
}

ValueFault read_integer(const Column& column, const Token& token, Value& out) {
  if (token.kind != TokenKind::kNumber || !is_json_integer(token.text)) return wrong_type(column, "a whole number", token);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(token.text.data(), token.text.data() + token.text.size(), number);
  if (error != std::errc{}) return {"out_of_domain", fmt::format("{} does not fit 64 bits", column.name)};
  out = number;
  return {};
}

ValueFault read_boolean(const Column& column, const Token& token, Value& out) {
  if (token.kind != TokenKind::kTrue && token.kind != TokenKind::kFalse) return wrong_type(column, "true or false", token);
  out = token.kind == TokenKind::kTrue;
  return {};
}

ValueFault take(const Column& column, const Nanos& nanos, Value& out) {
  if (nanos) {
    out = *nanos;
    return {};
  }
  if (nanos.error() == DecimalFault::kOutOfDomain) {
    return {"out_of_domain", fmt::format("{} must be a number between -9223372036.854775808 and 9223372036.854775807, neither NaN nor "
                                         "infinite",
                                         column.name)};
  }
  return {"wrong_type", fmt::format("{} must be a decimal number, not other text. Where Debezium writes numeric as base64 without a "
                                    "schema, set its decimal.handling.mode=string",
                                    column.name)};
}

/// Reads { "scale": 9, "value": "base64" }, the form in which Debezium writes a numeric without a declared scale.
ValueFault read_variable_scale(const Column& column, ondemand::value& value, Value& out) {
  ondemand::object object;
  std::optional<std::int64_t> scale;
  std::optional<std::string> unscaled;
  if (value.get_object().get(object) != simdjson::SUCCESS) return wrong_type(column, "a number", {});
  for (auto result : object) {
    ondemand::field field;
    if (std::move(result).get(field) != simdjson::SUCCESS) return wrong_type(column, "a number", {});
    const std::string_view key = raw_key(field.key());
    const Token token = token_of(field.value());
    std::int64_t number = 0;
    std::string_view text;
    if (key == "scale" && token.kind == TokenKind::kNumber && is_json_integer(token.text) &&
        std::from_chars(token.text.data(), token.text.data() + token.text.size(), number).ec == std::errc{}) {
      scale = number;
    } else if (key == "value" && token.kind == TokenKind::kString) {
      if (!text_of(field.value(), token, text)) return broken_escape(column);
      unscaled = base64_decoded(text);
    } else if (!walk(field.value(), kWalkDepth)) {
      return wrong_type(column, "a number", {});
    }
  }
  if (!scale || !unscaled) {
    return {"wrong_type", fmt::format("{} must be a number, not an object without a whole scale and a base64 value", column.name)};
  }
  return take(column, nanos_of_unscaled(*unscaled, *scale), out);
}

ValueFault read_nanos(const Column& column, const ColumnFacts& facts, ondemand::value& value, const Token& token, Value& out) {
  if (token.kind == TokenKind::kNumber) return take(column, nanos_of_decimal(token.text), out);
  if (token.kind == TokenKind::kObject) return read_variable_scale(column, value, out);
  if (token.kind != TokenKind::kString) return wrong_type(column, "a number", token);
  std::string_view text;
  if (!text_of(value, token, text)) return broken_escape(column);
  if (text == kUnavailable) {
    out = Unavailable{};
    return {};
  }
  if (!facts.decimal_scale) return take(column, nanos_of_decimal(text), out);
  const auto unscaled = base64_decoded(text);
  if (!unscaled) return {"wrong_type", fmt::format("{} must be base64 of a Decimal, as its schema says", column.name)};
  return take(column, nanos_of_unscaled(*unscaled, *facts.decimal_scale), out);
}

ValueFault no_time(const Column& column) {
  return {"out_of_domain", fmt::format("{} must be a time of the years 0001 to 9999, such as 2026-11-18T01:02:03.123456Z", column.name)};
}

ValueFault take(const Column& column, Instant instant, Value& out) {
  const auto seconds = std::chrono::floor<Seconds>(instant).time_since_epoch().count();
  if (seconds < kYear1 || seconds >= kYear10000) return no_time(column);
  out = instant;
  return {};
}

ValueFault read_time_number(const Column& column, const ColumnFacts& facts, const Token& token, Value& out) {
  if (!is_json_integer(token.text)) return wrong_type(column, "a time as text or a whole number", token);
  std::int64_t number = 0;
  if (std::from_chars(token.text.data(), token.text.data() + token.text.size(), number).ec != std::errc{}) return no_time(column);
  const std::int64_t per_second = facts.units_per_second;
  const std::int64_t seconds = number / per_second - (number % per_second < 0 ? 1 : 0);
  if (seconds < kYear1 || seconds >= kYear10000) return no_time(column);
  const std::int64_t rest = number - seconds * per_second;
  const std::int64_t micros = per_second > 1'000'000 ? rest / (per_second / 1'000'000) : rest * (1'000'000 / per_second);
  out = Instant{Seconds{seconds}} + Microseconds{micros};
  return {};
}

ValueFault read_instant(const Column& column, const ColumnFacts& facts, const Token& token, Value& out) {
  if (token.kind == TokenKind::kNumber) return read_time_number(column, facts, token, out);
  if (token.kind != TokenKind::kString) return wrong_type(column, "a time", token);
  const std::string_view text = token.quoted();
  if (text.size() > 40) return no_time(column);
  auto instant = parse_instant(text);
  // A timestamp without time zone is taken as UTC, as Debezium's numbers are.
  if (!instant) instant = parse_instant(std::string(text) + 'Z');
  return instant ? take(column, *instant, out) : no_time(column);
}

const char* read_plain_integer(const char* at, std::int64_t& out) {
  const bool negative = *at == '-';
  at = plain::read_digits(negative ? at + 1 : at, out);
  if (negative) out = -out;
  return at;
}

const char* read_plain_nanos(const char* at, Value& out) {
  const bool quoted = *at == '"';
  if (quoted) ++at;
  const char* const digits = *at == '-' ? at + 1 : at;
  if (digits[0] == '0' && is_digit(digits[1])) return nullptr;
  std::int64_t nanos = 0;
  at = read_plain_decimal(at, at + runtime::kPadding / 2, nanos);
  if (at == nullptr || (quoted && *at != '"')) return nullptr;
  out = nanos;
  return quoted ? at + 1 : at;
}

const char* read_plain_instant(const Column& column, const char* at, Value& out) {
  if (*at != '"') {
    std::int64_t micros = 0;
    at = read_plain_integer(at, micros);
    return at != nullptr && take(column, Instant{Microseconds{micros}}, out).none() ? at : nullptr;
  }
  constexpr std::size_t kLongest = 40;
  const auto* const quote = static_cast<const char*>(std::memchr(at + 1, '"', kLongest + 1));
  if (quote == nullptr) return nullptr;
  const auto instant = parse_instant({at + 1, static_cast<std::size_t>(quote - at - 1)});
  return instant && take(column, *instant, out).none() ? quote + 1 : nullptr;
}

}  // namespace

const char* read_plain_value(const Column& column, const char* at, Value& out) {
  constexpr std::size_t kUuidSize = 36;
  switch (column.type) {
    case ColumnType::kUuid: {
      if (*at != '"' || at[kUuidSize + 1] != '"') return nullptr;
      const auto id = Uuid::parse({at + 1, kUuidSize});
      if (!id) return nullptr;
      out = *id;
      return at + kUuidSize + 2;
    }
    case ColumnType::kText: {
      const char* const end = plain::past_string(at);
      if (end == nullptr) return nullptr;
      const std::string_view text(at + 1, static_cast<std::size_t>(end - at - 2));
      if (text == kUnavailable) return nullptr;
      out = text;
      return end;
    }
    case ColumnType::kInteger: {
      std::int64_t number = 0;
      at = read_plain_integer(at, number);
      out = number;
      return at;
    }
    case ColumnType::kNanos:
      return read_plain_nanos(at, out);
    case ColumnType::kInstant:
      return read_plain_instant(column, at, out);
    case ColumnType::kBoolean: {
      const bool is_true = *at == 't';
      out = is_true;
      return plain::past_word(at, is_true ? "true" : "false");
    }
  }
  return nullptr;
}

ValueFault read_value(const Column& column, const ColumnFacts& facts, ondemand::value& value, const Token& token, Value& out) {
  switch (column.type) {
    case ColumnType::kUuid:
      return read_uuid(column, token, out);
    case ColumnType::kText:
      return read_text(column, value, token, out);
    case ColumnType::kInteger:
      return read_integer(column, token, out);
    case ColumnType::kNanos:
      return read_nanos(column, facts, value, token, out);
    case ColumnType::kInstant:
      return read_instant(column, facts, token, out);
    case ColumnType::kBoolean:
      return read_boolean(column, token, out);
  }
  return {};
}

}  // namespace weir::events
