#include "common/events/masking.hpp"

#include "common/core/json.hpp"
#include "common/core/text.hpp"

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

/// The members of a change that are shown: those of the change, of its source and of its transaction. Every other member is masked, because
/// nothing is known of it.
constexpr std::array<std::string_view, 3> kOfChange{"ts_ms", "ts_us", "ts_ns"};
constexpr std::array<std::string_view, 16> kOfSource{"version",  "connector", "name",  "ts_ms", "ts_us", "ts_ns", "snapshot", "db",
                                                     "sequence", "schema",    "table", "txId",  "lsn",   "xmin",  "origin",   "origin_lsn"};
constexpr std::array<std::string_view, 3> kOfTransaction{"id", "total_order", "data_collection_order"};
constexpr std::size_t kLongestName = 64;
constexpr std::ptrdiff_t kMostDigits = 3;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// Whether a member's name is one that a program gives. Names that data give, such as addresses and ids, tell what values tell.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '-'; }) &&
         std::count_if(name.begin(), name.end(), is_digit) <= kMostDigits;
}

/// Writes names of members, each masked one under a name of its own.
class Names {
 public:
  void append(std::string& out, std::string_view name) {
    if (is_plain_name(name)) return append_json_string(out, name);
    append_json_string(out, masked_++ == 0 ? "***" : fmt::format("*** {}", masked_));
  }

 private:
  int masked_ = 0;
};

void append(std::string& out, const element& value) { out += simdjson::minify(value); }

/// Writes the object member by member: its name as it is where `shows` says so of it, and its value by `write`.
template <class Shows, class Write>
void append_object(std::string& out, const object& fields, Shows shows, Write write) {
  char before = '{';
  Names names;
  for (const auto field : fields) {
    out += before;
    shows(field.key) ? append_json_string(out, field.key) : names.append(out, field.key);
    out += ':';
    write(field);
    before = ',';
  }
  out += before == '{' ? "{}" : "}";
}

bool shows_none(std::string_view) { return false; }

/// The shape of a value: its keys, with every value masked.
void append_shape(std::string& out, const element& value) {
  object fields;
  simdjson::dom::array items;
  if (value.get(fields) == simdjson::SUCCESS) {
    append_object(out, fields, shows_none, [&out](const auto& field) { append_shape(out, field.value); });
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
  append_object(out, row, harmless, [&](const auto& field) {
    if (field.value.is_null() || harmless(field.key)) {
      append(out, field.value);
    } else {
      out += kMask;
    }
  });
}

/// The members of an object that are known, as they are where they hold one value; of the others only the shape.
template <std::size_t N>
void append_known(std::string& out, const element& value, const std::array<std::string_view, N>& known) {
  object fields;
  if (value.get(fields) != simdjson::SUCCESS) return append_shape(out, value);
  append_object(out, fields, shows_none, [&](const auto& field) {
    const bool is_known = std::find(known.begin(), known.end(), field.key) != known.end();
    is_known && !field.value.is_object() && !field.value.is_array() ? append(out, field.value) : append_shape(out, field.value);
  });
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

/// "schema.table" of a change; empty where the value is not a change. Data of an action may have a source with a table too.
std::string table_of(const object& change) {
  object source;
  if (text_at(change, "op").size() != 1) return {};
  if (change["source"].get(source) != simdjson::SUCCESS) return {};
  const std::string table = text_at(source, "table");
  return table.empty() ? table : text_at(source, "schema") + "." + table;
}

bool is_time(std::string_view name, const element& value) {
  return value.is_number() && std::find(kOfChange.begin(), kOfChange.end(), name) != kOfChange.end();
}

std::string masked_change(const object& change, const std::function<bool(std::string_view)>& harmless) {
  std::string out;
  char before = '{';
  Names names;
  for (const auto field : change) {
    out += before;
    names.append(out, field.key);
    out += ':';
    object row;
    const bool is_row = field.key == "before" || field.key == "after";
    if (is_row && field.value.get(row) == simdjson::SUCCESS) {
      append_row(out, row, harmless);
    } else if (is_row && !field.value.is_null()) {
      out += kMask;
    } else if (is_row || field.key == "op" || is_time(field.key, field.value)) {
      append(out, field.value);
    } else if (field.key == "source") {
      append_known(out, field.value, kOfSource);
    } else if (field.key == "transaction") {
      append_known(out, field.value, kOfTransaction);
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
