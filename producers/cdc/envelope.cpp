#include "producers/cdc/envelope.hpp"

#include "common/core/base64.hpp"
#include "common/core/json.hpp"
#include "producers/cdc/change_name.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <iterator>

namespace weir::cdc {

namespace {

using pgoutput::Cell;
using pgoutput::Tuple;

constexpr pgoutput::Cell kNullCell{};
// The next change is about as large as the last one, so with this much room more its text is written without a reallocation.
constexpr std::size_t kSlack = 64;
constexpr std::size_t kMostExpectedBytes = 4'096;
// The most bytes that a logical message has beside its prefix and content, since names in Postgres are short.
constexpr std::size_t kMessageFrame = 4'096;
// Room for the message's last brackets and for the header that names the left-out content.
constexpr std::size_t kMessageSlack = 128;

/// A row has fewer cells than the table has columns only where bytes were damaged; a missing cell is read as null.
const Cell& cell(const Tuple& row, std::size_t column) { return column < row.size() ? row[column] : kNullCell; }

bool is_utf8(const Cell& value) { return simdjson::validate_utf8(value.text.data(), value.text.size()); }

void append_cell(std::string& out, const ColumnType& type, const Cell& value) {
  switch (value.kind) {
    case Cell::Kind::kNull:
      out += "null";
      return;
    case Cell::Kind::kUnchanged:
      append_json_string(out, kUnavailable);
      return;
    case Cell::Kind::kText:
      append_value(out, type, value.text);
      return;
  }
}

void append_number(std::string& out, std::integral auto number) { JsonWriter(out).value(number); }

void append_name(std::string& out, std::string_view name) {
  append_json_string(out, name);
  out += ':';
}

void append_row(std::string& out, const TableShape& table, const Tuple* row, const std::vector<bool>* held, const std::vector<bool>& omit) {
  if (row == nullptr) {
    out += "null";
    return;
  }
  const char* separator = "{";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (held != nullptr && !(*held)[i]) continue;
    out += std::exchange(separator, ",");
    append_name(out, table.columns[i].name);
    if (!omit.empty() && omit[i]) {
      append_json_string(out, kUnavailable);
    } else {
      append_cell(out, table.columns[i].type, cell(*row, i));
    }
  }
  out += *separator == '{' ? "{}" : "}";
}

void append_fine_times(std::string& out, Instant time) {
  const auto micros = unix_us(time);
  out += ",\"ts_us\":";
  append_number(out, micros);
  out += ",\"ts_ns\":";
  append_number(out, micros * 1'000);
}

/// Writes the two positions of `sequence`, each a text inside of a text.
void append_sequence(std::string& out, const ChangeContext& context) {
  if (context.last_commit) {
    out += "\\\"";
    append_number(out, context.last_commit->value);
    out += "\\\"";
  } else {
    out += "null";
  }
  out += ",\\\"";
  append_number(out, context.lsn.value);
  out += "\\\"";
}

bool same_key(const TableShape& table, const Tuple& old_row, const Tuple& row) {
  return std::all_of(table.key.begin(), table.key.end(), [&](std::size_t i) { return cell(old_row, i) == cell(row, i); });
}

/// The new row, with TOAST that did not change taken from the old one. Only texts are taken from the old row: it has null for a column that
/// it does not hold, while an unchanged TOAST value is never null.
Tuple filled(Tuple row, const Tuple& old_row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i].kind == Cell::Kind::kUnchanged && cell(old_row, i).kind == Cell::Kind::kText) row[i] = old_row[i];
  }
  return row;
}

std::string prefix_key(std::string_view prefix) {
  std::string key;
  JsonWriter(key).begin_object().member("prefix", prefix).end_object();
  return key;
}

OutRecord tombstone(const OutRecord& of) { return {of.topic, of.key, std::nullopt, {}}; }

std::size_t overhead(const OutRecord& record) {
  // Kafka's framing of a record: lengths, timestamps and a batch header. The number is generous, because the limit only has to hold.
  constexpr std::size_t kFraming = 256;
  std::size_t size = kFraming + record.key.value_or("").size();
  for (const auto& [name, text] : record.headers) size += name.size() + text.size() + 10;
  return size;
}

}  // namespace

std::size_t OutRecord::bytes() const { return overhead(*this) + (value ? value->size() : 0); }

std::string key_json(const TableShape& table, const Tuple& row) {
  std::string out = "{";
  for (const std::size_t i : table.key) {
    if (out.size() > 1) out += ',';
    append_name(out, table.columns[i].name);
    append_cell(out, table.columns[i].type, cell(row, i));
  }
  return out + '}';
}

std::string broken_key(const TableShape& table, const Tuple& row) {
  const auto broken = [&](std::size_t i) { return !is_utf8(cell(row, i)); };
  if (table.form == TextForm::kUtf8 || std::none_of(table.key.begin(), table.key.end(), broken)) return {};
  std::string text;
  for (const std::size_t i : table.key) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", table.columns[i].name, escaped(cell(row, i).text));
  }
  return text;
}

void EnvelopeWriter::append_source(std::string& out, const ChangeContext& context, std::string_view schema, std::string_view table) const {
  out += "{\"version\":\"" WEIR_VERSION "\",\"connector\":\"postgresql\",\"name\":";
  append_json_string(out, settings_.source_name);
  out += ",\"ts_ms\":";
  append_number(out, unix_ms(context.committed_at));
  out.append(",\"snapshot\":\"").append(context.snapshot).append("\",\"db\":");
  append_json_string(out, settings_.database);
  out += ",\"sequence\":\"[";
  append_sequence(out, context);
  out += "]\"";
  append_fine_times(out, context.committed_at);
  out += ",\"schema\":";
  append_json_string(out, schema);
  out += ",\"table\":";
  append_json_string(out, table);
  out += ",\"txId\":";
  context.xid ? append_number(out, *context.xid) : static_cast<void>(out += "null");
  out += ",\"lsn\":";
  append_number(out, context.lsn.value);
  out += ",\"xmin\":null,\"origin\":";
  if (context.origin.empty()) {
    out += "null,\"origin_lsn\":null}";
    return;
  }
  append_json_string(out, context.origin);
  out += ",\"origin_lsn\":";
  append_number(out, context.origin_lsn.value);
  out += '}';
}

std::string EnvelopeWriter::value(const TableShape& table, const ChangeContext& context, char op, const Image& before,
                                  const Image& after) const {
  std::string out;
  out.reserve(expected_bytes_);
  out += "{\"before\":";
  append_row(out, table, before.row, before.held, before.omit);
  out += ",\"after\":";
  append_row(out, table, after.row, after.held, after.omit);
  out += ",\"source\":";
  append_source(out, context, table.schema, table.table);
  out.append(",\"transaction\":null,\"op\":\"").append(1, op).append("\",\"ts_ms\":");
  append_number(out, unix_ms(context.now));
  append_fine_times(out, context.now);
  return out += '}';
}

void EnvelopeWriter::shrink(const TableShape& table, const ChangeContext& context, char op, Image before, Image after, OutRecord& record) {
  struct Candidate {
    std::size_t bytes;
    std::string name;
    Image* image;
    std::size_t column;
  };
  std::vector<Candidate> candidates;
  for (const auto& [image, side] : {std::pair{&before, "before"}, std::pair{&after, "after"}}) {
    if (image->row == nullptr) continue;
    image->omit.resize(table.columns.size(), false);
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const bool key = std::find(table.key.begin(), table.key.end(), i) != table.key.end();
      const auto size = cell(*image->row, i).text.size();
      if (!key && !image->omit[i] && size > kUnavailable.size())
        candidates.push_back({size, fmt::format("{}.{}", side, table.columns[i].name), image, i});
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  if (record.headers.empty()) record.headers.emplace_back("weir.omitted", "");
  std::string& names = record.headers.back().second;
  for (const Candidate& next : candidates) {
    next.image->omit[next.column] = true;
    names += (names.empty() ? "" : ",") + next.name;
    record.value->clear();
    // The record is written again only once the remaining columns may fit, so that a row of many large columns is not written once for each
    // of them.
    std::size_t left = 0;
    for (const Candidate& other : candidates) left += other.image->omit[other.column] ? 0 : other.bytes;
    if (left > settings_.max_record_bytes) continue;
    record.value = value(table, context, op, before, after);
    if (record.bytes() <= settings_.max_record_bytes) break;
  }
}

std::string EnvelopeWriter::omit_broken(const TableShape& table, Image& image, std::string_view side) {
  std::string names;
  if (image.row == nullptr) return names;
  image.omit.assign(table.columns.size(), false);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (is_utf8(cell(*image.row, i))) continue;
    image.omit[i] = true;
    names += fmt::format("{}{}.{}", names.empty() ? "" : ",", side, table.columns[i].name);
  }
  return names;
}

void EnvelopeWriter::change(const TableShape& table, const ChangeContext& context, char op, Image before, Image after,
                            std::vector<OutRecord>& out) {
  OutRecord record{table.topic, key_json(table, after.row != nullptr ? *after.row : *before.row), std::nullopt, {}};
  if (table.form == TextForm::kBytes) {
    std::string names = omit_broken(table, after, "after");
    const std::string names_before = omit_broken(table, before, "before");
    names += (names.empty() || names_before.empty() ? "" : ",") + names_before;
    if (!names.empty()) record.headers.emplace_back("weir.omitted", std::move(names));
  }
  record.value = value(table, context, op, before, after);
  expected_bytes_ = std::min(record.value->size() + kSlack, kMostExpectedBytes);
  if (record.bytes() > settings_.max_record_bytes) shrink(table, context, op, std::move(before), std::move(after), record);
  if (!record.headers.empty()) ++omitted_;
  out.push_back(std::move(record));
}

void EnvelopeWriter::insert(const TableShape& table, const ChangeContext& context, const Tuple& row, std::vector<OutRecord>& out) {
  change(table, context, 'c', {}, {&row}, out);
}

void EnvelopeWriter::read(const TableShape& table, const ChangeContext& context, const Tuple& row, std::vector<OutRecord>& out) {
  change(table, context, 'r', {}, {&row}, out);
}

void EnvelopeWriter::update(const TableShape& table, const ChangeContext& context, const OldRow& old, const Tuple& row,
                            std::vector<OutRecord>& out) {
  if (old.row == nullptr) return change(table, context, 'u', {}, {&row}, out);
  const Tuple now = filled(row, *old.row);
  if (same_key(table, *old.row, now)) return change(table, context, 'u', {old.whole() ? old.row : nullptr}, {&now}, out);
  remove(table, context, old, out);
  insert(table, context, now, out);
}

void EnvelopeWriter::remove(const TableShape& table, const ChangeContext& context, const OldRow& old, std::vector<OutRecord>& out) {
  change(table, context, 'd', {old.row, old.whole() ? nullptr : &old.held}, {}, out);
  if (table.keyed_by_primary) out.push_back(tombstone(out.back()));
}

void EnvelopeWriter::truncate(const TableShape& table, const ChangeContext& context, std::vector<OutRecord>& out) {
  out.push_back({table.topic, std::nullopt, value(table, context, 't', {}, {}), {}});
}

void EnvelopeWriter::message(const ChangeContext& context, const pgoutput::Logical& message, std::vector<OutRecord>& out) {
  this->message(context, {}, message.prefix, message.content, out);
}

void EnvelopeWriter::skip(const TableShape& table, const ChangeContext& context, std::string_view why, std::string_view by,
                          std::vector<OutRecord>& out) {
  std::string content;
  JsonWriter json(content);
  json.begin_object().member("schema", table.schema).member("table", table.table).member("lsn", context.lsn.text());
  json.member("why", why).member("by", by).end_object();
  message(context, {table.schema, table.table}, kSkipPrefix, content, out);
}

void EnvelopeWriter::message(const ChangeContext& context, const Named& about, std::string_view prefix, std::string_view content,
                             std::vector<OutRecord>& out) {
  OutRecord record{settings_.topic_prefix + ".message", prefix_key(prefix), std::string("{\"op\":\"m\""), {}};
  std::string omitted;
  const auto omit = [&](std::string_view name) { omitted.append(omitted.empty() ? "" : ",").append(name); };
  // Anybody who may connect to the source may emit a message, so neither its prefix, which is written twice, nor its content may block the
  // stream.
  if (2 * record.key->size() + kMessageFrame > settings_.max_record_bytes) {
    prefix = kUnavailable;
    record.key = prefix_key(prefix);
    omit("message.prefix");
  }
  std::string& text = *record.value;
  fmt::format_to(std::back_inserter(text), ",\"ts_ms\":{},\"source\":", unix_ms(context.now));
  append_source(text, context, about.schema, about.table);
  text += ",\"transaction\":null,\"message\":{\"prefix\":";
  append_json_string(text, prefix);
  text += ",\"content\":";
  // Base64 writes four bytes for three.
  if (content.size() / 3 * 4 + overhead(record) + text.size() + kMessageSlack > settings_.max_record_bytes) {
    append_json_string(text, kUnavailable);
    omit("message.content");
  } else {
    JsonWriter(text).value(base64(content));
  }
  text += "}}";
  if (!omitted.empty()) {
    record.headers.emplace_back("weir.omitted", std::move(omitted));
    ++omitted_;
  }
  out.push_back(std::move(record));
}

}  // namespace weir::cdc
