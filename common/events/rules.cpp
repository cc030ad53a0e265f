#include "common/events/rules.hpp"

#include "common/events/json_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace weir::events {

namespace {

namespace dom = simdjson::dom;

std::string_view name_of(JsonType type) {
  switch (type) {
    case JsonType::kString:
      return "a string";
    case JsonType::kInteger:
      return "a whole number";
    case JsonType::kArray:
      return "an array";
    case JsonType::kObject:
      return "an object";
  }
  return "";
}

std::string_view name_of(dom::element_type type) {
  switch (type) {
    case dom::element_type::ARRAY:
      return "an array";
    case dom::element_type::OBJECT:
      return "an object";
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
      return "a whole number";
    case dom::element_type::DOUBLE:
      return "a number with a fraction";
    case dom::element_type::STRING:
      return "a string";
    case dom::element_type::BOOL:
      return "a truth value";
    case dom::element_type::NULL_VALUE:
      return "null";
  }
  return "";
}

std::string_view name_of(TextForm form) {
  switch (form) {
    case TextForm::kAny:
      return "any text";
    case TextForm::kPlain:
      return "text without control characters";
    case TextForm::kPrintable:
      return "printable ASCII characters without spaces";
    case TextForm::kName:
      return "a name: a lower-case letter, then up to 63 lower-case letters, digits, _ or .";
    case TextForm::kUuid:
      return "a uuid: 8-4-4-4-12 hexadecimal digits";
    case TextForm::kTime:
      return "a time of the years 1970 to 2999 such as 2026-11-18T01:02:03.123Z (RFC 3339, with seconds and a zone)";
    case TextForm::kTraceparent:
      return "a traceparent of W3C Trace Context: 00-<32 hexadecimal digits>-<16>-<2>";
    case TextForm::kJsonType:
      return "application/json, or another media type of JSON";
    case TextForm::kBase64:
      return "base64 (RFC 4648, section 4, with its padding)";
  }
  return "";
}

/// "/data/action" → "data.action", for messages; the whole value is "the event".
std::string spoken(const std::string& pointer) {
  if (pointer.empty()) return "the event";
  std::string name = pointer.substr(1);
  std::replace(name.begin(), name.end(), '/', '.');
  return name;
}

ActionFault out_of_domain(const std::string& pointer, std::string_view must) {
  return fault_at("out_of_domain", pointer, fmt::format("{} must be {}", spoken(pointer), must));
}

/// "at least 1 and at most 64 characters", leaving out a limit that is not set.
std::string sizes(const Rule& rule, std::string_view unit) {
  if (rule.min_size == 0) return fmt::format("at most {} {}", rule.max_size, unit);
  return fmt::format("{} to {} {}", rule.min_size, rule.max_size, unit);
}

MaybeFault check_size(const Rule& rule, std::size_t size, std::string_view unit, const std::string& pointer) {
  if (size >= rule.min_size && size <= rule.max_size) return std::nullopt;
  return fault_at("out_of_domain", pointer, fmt::format("{} must have {}, not {}", spoken(pointer), sizes(rule, unit), size));
}

MaybeFault check_integer(const Rule& rule, dom::element value, const std::string& pointer) {
  std::int64_t number = 0;
  // A whole number with a fraction or exponent may be larger than 64 bits: its limits are compared as those of a double.
  const double real = value.get_double().value();
  const bool fits = value.get(number) == simdjson::SUCCESS
                        ? number >= rule.minimum && number <= rule.maximum
                        : real >= static_cast<double>(rule.minimum) && real <= static_cast<double>(rule.maximum);
  if (fits) return std::nullopt;
  return out_of_domain(pointer, fmt::format("{} to {}", rule.minimum, rule.maximum));
}

MaybeFault check_array(const Rule& rule, dom::array array, const std::string& pointer) {
  if (auto fault = check_size(rule, array.size(), "elements", pointer)) return fault;
  std::vector<std::string_view> seen;
  std::size_t index = 0;
  for (const dom::element element : array) {
    const std::string where = fmt::format("{}/{}", pointer, index++);
    if (auto fault = check_value(*rule.element, element, where)) return fault;
    const std::string_view text = element.get_string().value();
    if (std::find(seen.begin(), seen.end(), text) != seen.end()) {
      return fault_at("out_of_domain", pointer, fmt::format("{} must hold each element once, not {} again", spoken(pointer), text));
    }
    seen.push_back(text);
  }
  return std::nullopt;
}

bool is_of_type(JsonType type, dom::element value) {
  switch (type) {
    case JsonType::kString:
      return value.is_string();
    case JsonType::kInteger:
      return is_whole_number(value);
    case JsonType::kArray:
      return value.is_array();
    case JsonType::kObject:
      return value.is_object();
  }
  return false;
}

}  // namespace

ActionFault fault_at(std::string_view reason, std::string pointer, std::string message) {
  ActionFault fault;
  fault.reason = reason;
  fault.pointer = std::move(pointer);
  fault.message = std::move(message);
  return fault;
}

bool is_whole_number(dom::element value) {
  if (value.is_int64() || value.is_uint64()) return true;
  return value.is_double() && value.get_double().value() == std::trunc(value.get_double().value());
}

MaybeFault check_text(const Rule& rule, std::string_view text, const std::string& pointer) {
  if (!rule.one_of.empty() && std::find(rule.one_of.begin(), rule.one_of.end(), text) == rule.one_of.end()) {
    return out_of_domain(pointer, fmt::format("one of {}", fmt::join(rule.one_of, ", ")));
  }
  if (auto fault = check_size(rule, characters_of(text), "characters", pointer)) return fault;
  if (!has_form(rule.form, text)) return out_of_domain(pointer, name_of(rule.form));
  return std::nullopt;
}

MaybeFault check_value(const Rule& rule, dom::element value, const std::string& pointer) {
  if (!is_of_type(rule.type, value)) {
    return fault_at("wrong_type", pointer,
                    fmt::format("{} must be {}, not {}", spoken(pointer), name_of(rule.type), name_of(value.type())));
  }
  switch (rule.type) {
    case JsonType::kString:
      return check_text(rule, value.get_string().value(), pointer);
    case JsonType::kInteger:
      return check_integer(rule, value, pointer);
    case JsonType::kArray:
      return check_array(rule, value.get_array().value(), pointer);
    case JsonType::kObject:
      return check_size(rule, value.get_object().value().size(), "members", pointer);
  }
  return std::nullopt;
}

MaybeFault check_members(std::span<const Rule> rules, dom::object object, const std::string& pointer) {
  for (const dom::key_value_pair member : object) {
    std::string where = pointer;
    append_step(where, member.key);
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const Rule& one) { return one.name == member.key; });
    if (rule == rules.end()) {
      std::vector<std::string_view> names;
      for (const Rule& one : rules) names.push_back(one.name);
      return fault_at("unknown_field", where, fmt::format("{} has no place here: there may be {}", spoken(where), fmt::join(names, ", ")));
    }
    if (auto fault = check_value(*rule, member.value, where)) return fault;
  }
  for (const Rule& rule : rules) {
    dom::element found;
    if (rule.required && object[rule.name].get(found) != simdjson::SUCCESS) {
      std::string where = pointer;
      append_step(where, rule.name);
      return fault_at("missing_field", where, fmt::format("{} is missing", spoken(where)));
    }
  }
  return std::nullopt;
}

}  // namespace weir::events
