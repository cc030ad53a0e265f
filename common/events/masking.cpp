#include "common/events/masking.hpp"

#include "common/core/json.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <functional>

namespace weir::events {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

constexpr std::string_view kMask = "\"***\"";
constexpr std::array<std::string_view, 12> kHarmlessHeaders{"ce_specversion", "ce_id",         "ce_type",           "ce_time",
                                                            "ce_source",      "ce_dataschema", "ce_organizationid", "content-type",
                                                            "traceparent",    "weir.omitted",  "weir.part",         "id"};

void append(std::string& out, const element& value) { out += simdjson::minify(value); }

/// The shape of a value: its keys, with every value masked.
void append_shape(std::string& out, const element& value) {
  object fields;
  simdjson::dom::array items;
  if (value.get(fields) == simdjson::SUCCESS) {
    char before = '{';
    for (const auto field : fields) {
      out += before;
      append_json_string(out, field.key);
      out += ':';
      append_shape(out, field.value);
      before = ',';
    }
    out += before == '{' ? "{}" : "}";
  } else if (value.get(items) == simdjson::SUCCESS) {
    out += fmt::format("[\"*** {} values\"]", items.size());
  } else if (value.is_null()) {
    out += "null";
  } else {
    out += kMask;
  }
}

/// The columns of a row: each shown or masked.
void append_row(std::string& out, const object& row, const std::function<bool(std::string_view)>& harmless) {
  char before = '{';
  for (const auto field : row) {
    out += before;
    append_json_string(out, field.key);
    out += ':';
    if (harmless(field.key) || field.value.is_null()) {
      append(out, field.value);
    } else {
      out += kMask;
    }
    before = ',';
  }
  out += before == '{' ? "{}" : "}";
}

/// The change itself, which a producer that writes schemas inline puts into `payload`.
object payload_of(const object& whole) {
  object inner;
  return whole["payload"].get(inner) == simdjson::SUCCESS ? inner : whole;
}

std::string text_at(const object& from, std::string_view name) {
  std::string_view text;
  return from[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

/// "schema.table" of a change; empty where the value is not a change.
std::string table_of(const object& change) {
  object source;
  if (change["source"].get(source) != simdjson::SUCCESS) return {};
  const std::string table = text_at(source, "table");
  return table.empty() ? table : text_at(source, "schema") + "." + table;
}

std::string masked_change(const object& change, const std::function<bool(std::string_view)>& harmless) {
  std::string out;
  char before = '{';
  for (const auto field : change) {
    out += before;
    append_json_string(out, field.key);
    out += ':';
    object row;
    const bool is_row = field.key == "before" || field.key == "after";
    if (is_row && field.value.get(row) == simdjson::SUCCESS) {
      append_row(out, row, harmless);
    } else if (is_row && !field.value.is_null()) {
      out += kMask;
    } else if (is_row || field.key == "source" || field.key == "op" || field.key == "ts_ms" || field.key == "transaction") {
      append(out, field.value);
    } else {
      append_shape(out, field.value);
    }
    before = ',';
  }
  return out + (before == '{' ? "{}" : "}");
}

std::string unreadable(std::string_view bytes) { return json_string(fmt::format("*** {} bytes that are no JSON object", bytes.size())); }

}  // namespace

PersonalColumns::PersonalColumns(std::string_view csv) {
  const auto take = [](std::string_view& rest, char until) {
    const std::string_view part = rest.substr(0, rest.find(until));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    return part;
  };
  take(csv, '\n');
  while (!csv.empty()) {
    std::string_view line = take(csv, '\n');
    const std::string table(take(line, ','));
    const std::string column(take(line, ','));
    if (take(line, ',') == "none") harmless_[table].insert(column);
  }
}

bool PersonalColumns::harmless(std::string_view table, std::string_view column) const {
  const auto found = harmless_.find(table);
  return found != harmless_.end() && found->second.contains(column);
}

MaskedRecord masked(const PersonalColumns& columns, std::string_view key, std::string_view value) {
  MaskedRecord record;
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(value);
  object whole;
  std::string table;
  if (parser.parse(padded).get(whole) != simdjson::SUCCESS) {
    record.value = unreadable(value);
  } else if (table = table_of(payload_of(whole)); table.empty()) {
    append_shape(record.value, parser.doc.root());
  } else {
    record.value = masked_change(payload_of(whole), [&](std::string_view column) { return columns.harmless(table, column); });
  }
  simdjson::dom::parser key_parser;
  const simdjson::padded_string padded_key(key);
  object parts;
  if (key_parser.parse(padded_key).get(parts) != simdjson::SUCCESS) {
    record.key = unreadable(key);
  } else {
    append_row(record.key, payload_of(parts), [&](std::string_view column) { return columns.harmless(table, column); });
  }
  return record;
}

std::string masked_header(std::string_view name, std::string_view value) {
  const bool is_harmless = std::find(kHarmlessHeaders.begin(), kHarmlessHeaders.end(), name) != kHarmlessHeaders.end();
  return is_harmless ? std::string(value) : "***";
}

}  // namespace weir::events
