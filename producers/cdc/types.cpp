#include "producers/cdc/types.hpp"

#include "common/core/base64.hpp"
#include "common/core/json.hpp"
#include "common/core/text.hpp"
#include "producers/cdc/array_text.hpp"
#include "producers/cdc/time_text.hpp"

#include <algorithm>
#include <array>

namespace weir::cdc {

namespace {

struct Builtin {
  std::uint32_t oid;
  std::uint32_t array_oid;
  Form form;
};

// pg_type.dat: types whose JSON form is not plain text, and the arrays of the usual ones.
constexpr std::array kBuiltins{
    Builtin{16, 1000, Form::kBoolean},           // bool
    Builtin{17, 1001, Form::kBytes},             // bytea
    Builtin{18, 1002, Form::kText},              // "char"
    Builtin{19, 1003, Form::kText},              // name
    Builtin{20, 1016, Form::kInteger},           // int8
    Builtin{21, 1005, Form::kInteger},           // int2
    Builtin{23, 1007, Form::kInteger},           // int4
    Builtin{25, 1009, Form::kText},              // text
    Builtin{26, 1028, Form::kInteger},           // oid
    Builtin{114, 199, Form::kText},              // json
    Builtin{142, 143, Form::kText},              // xml
    Builtin{650, 651, Form::kText},              // cidr
    Builtin{700, 1021, Form::kReal},             // float4
    Builtin{701, 1022, Form::kReal},             // float8
    Builtin{790, 791, Form::kText},              // money
    Builtin{829, 1040, Form::kText},             // macaddr
    Builtin{869, 1041, Form::kText},             // inet
    Builtin{1042, 1014, Form::kText},            // char(n)
    Builtin{1043, 1015, Form::kText},            // varchar
    Builtin{1082, 1182, Form::kDate},            // date
    Builtin{1083, 1183, Form::kTime},            // time
    Builtin{1114, 1115, Form::kTimestamp},       // timestamp
    Builtin{1184, 1185, Form::kTimestampZoned},  // timestamptz
    Builtin{1186, 1187, Form::kInterval},        // interval
    Builtin{1266, 1270, Form::kTimeZoned},       // timetz
    Builtin{1560, 1561, Form::kText},            // bit
    Builtin{1562, 1563, Form::kText},            // varbit
    Builtin{1700, 1231, Form::kText},            // numeric
    Builtin{2950, 2951, Form::kText},            // uuid
    Builtin{3802, 3807, Form::kText},            // jsonb
};

ColumnType scalar(Form form, std::int32_t modifier) {
  ColumnType type;
  type.form = form;
  if (form == Form::kTimestampZoned && modifier >= 0 && modifier <= 6) type.fraction_digits = modifier;
  return type;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool append_whole_number(std::string& out, std::string_view text) {
  if (!all_digits(text.starts_with('-') ? text.substr(1) : text)) return false;
  out += text;
  return true;
}

/// Appends the number, with ".0" where Postgres writes neither a fraction nor an exponent: JSON readers would take 100 as an integer, but
/// the column's type must stay visible.
bool append_real(std::string& out, std::string_view text) {
  if (text.find_first_not_of("0123456789+-.e") != std::string_view::npos || text.find_first_of("0123456789") == std::string_view::npos) {
    return false;  // NaN, Infinity, -Infinity
  }
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
  return true;
}

bool append_bytes(std::string& out, std::string_view text) {
  const auto bytes = bytea_bytes(text);
  if (!bytes) return false;
  out += '"';
  append_base64(out, *bytes);
  out += '"';
  return true;
}

bool append_boolean(std::string& out, std::string_view text) {
  if (text != "t" && text != "f") return false;
  out += text == "t" ? "true" : "false";
  return true;
}

bool append_rewritten(std::string& out, const std::optional<std::string>& rewritten) {
  if (!rewritten) return false;
  append_json_string(out, *rewritten);
  return true;
}

bool append_formed(std::string& out, const ColumnType& type, std::string_view text) {
  switch (type.form) {
    case Form::kBoolean:
      return append_boolean(out, text);
    case Form::kInteger:
      return append_whole_number(out, text);
    case Form::kReal:
      return append_real(out, text);
    case Form::kText:
      return false;
    case Form::kBytes:
      return append_bytes(out, text);
    case Form::kDate:
      return append_rewritten(out, iso_date(text));
    case Form::kTime:
      return append_rewritten(out, iso_time(text));
    case Form::kTimeZoned:
      return append_rewritten(out, iso_time_utc(text));
    case Form::kTimestamp:
      return append_rewritten(out, iso_timestamp(text));
    case Form::kTimestampZoned:
      return append_rewritten(out, iso_instant(text, type.fraction_digits));
    case Form::kInterval:
      return append_rewritten(out, iso_interval(text));
    case Form::kArray:
      return append_array(out, type, text);
  }
  return false;
}

}  // namespace

std::optional<ColumnType> builtin_type(std::uint32_t oid, std::int32_t modifier) {
  for (const Builtin& row : kBuiltins) {
    if (row.oid == oid) return scalar(row.form, modifier);
    if (row.array_oid == oid) {
      ColumnType type;
      type.form = Form::kArray;
      type.element = std::make_shared<const ColumnType>(scalar(row.form, modifier));
      return type;
    }
  }
  return std::nullopt;
}

std::optional<std::string> bytea_bytes(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 2; i < text.size(); i += 2) {
    const auto high = hex_digit(text[i]);
    const auto low = hex_digit(text[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes += static_cast<char>(*high * 16 + *low);
  }
  return bytes;
}

std::string text_settings(TextForm form) {
  return std::string(kTextSettings) + (form == TextForm::kBytes ? "; SET client_encoding = 'SQL_ASCII'" : "");
}

void append_value(std::string& out, const ColumnType& type, std::string_view text) {
  const std::size_t before = out.size();
  if (append_formed(out, type, text)) return;
  out.resize(before);
  append_json_string(out, text);
}

}  // namespace weir::cdc
