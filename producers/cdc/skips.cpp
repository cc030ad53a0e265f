#include "producers/cdc/skips.hpp"

#include "common/core/json.hpp"
#include "producers/cdc/stream_position.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

namespace weir::cdc {

namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kSnapshot = "snapshot";

tl::unexpected<Fault> unreadable(std::string_view what) {
  return fail(FaultKind::kData, fmt::format("a stored skip of weir cdc cannot be read: {}", what),
              "the topic of positions is written by weir cdc alone; has something else written to it?");
}

Result<std::string> text_field(const dom::object& object, std::string_view name) {
  std::string_view text;
  if (object[name].get(text) != simdjson::SUCCESS) return unreadable(fmt::format("'{}' is missing", name));
  return std::string(text);
}

std::string key_head(std::string_view position_key) { return std::string(key_beginning(position_key)) + R"(,"skip":)"; }

/// Quotes the text where a shell would not take it as one word.
std::string shell_word(std::string_view text) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_'; };
  if (std::all_of(text.begin(), text.end(), plain)) return std::string(text);
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

const Skip* Skips::of_change(std::string_view schema, std::string_view table, ChangePlace place) const {
  const auto found = std::find_if(skips_.begin(), skips_.end(), [&](const Skip& skip) {
    return skip.lsn == place.lsn && skip.row == place.row && skip.schema == schema && skip.table == table;
  });
  return found == skips_.end() ? nullptr : &*found;
}

const Skip* Skips::of_snapshot(std::string_view schema, std::string_view table) const {
  const auto found = std::find_if(skips_.begin(), skips_.end(),
                                  [&](const Skip& skip) { return !skip.lsn && skip.schema == schema && skip.table == table; });
  return found == skips_.end() ? nullptr : &*found;
}

std::string skip_key(std::string_view position_key, const Skip& skip) {
  std::string out = key_head(position_key);
  JsonWriter json(out);
  json.begin_object().member("schema", skip.schema).member("table", skip.table);
  json.member("lsn", skip.lsn ? skip.lsn->text() : std::string(kSnapshot)).member("row", skip.row).end_object().end_object();
  return out;
}

bool is_skip_key(std::string_view position_key, std::string_view key) { return key.starts_with(key_head(position_key)); }

std::string skip_value(const Skip& skip, Instant chosen_at) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("system_identifier", skip.system_identifier).member("why", skip.why).member("by", skip.by);
  json.member("chosen_at", format_instant(chosen_at)).end_object();
  return out;
}

Result<Skip> parse_skip(std::string_view key, std::string_view value) {
  dom::parser keys;
  dom::parser values;
  dom::object place;
  dom::object choice;
  if (keys.parse(key.data(), key.size())["skip"].get(place) != simdjson::SUCCESS) return unreadable("its key has no 'skip'");
  if (values.parse(value.data(), value.size()).get(choice) != simdjson::SUCCESS) return unreadable("its value is not a JSON object");
  Skip skip;
  skip.schema = WEIR_TRY(text_field(place, "schema"));
  skip.table = WEIR_TRY(text_field(place, "table"));
  const std::string lsn = WEIR_TRY(text_field(place, "lsn"));
  if (lsn != kSnapshot) {
    skip.lsn = Lsn::parse(lsn);
    if (!skip.lsn) return unreadable(fmt::format("'lsn' is not an LSN: {}", lsn));
  }
  std::uint64_t row = 0;
  if (place["row"].get(row) != simdjson::SUCCESS || row == 0 || row > UINT32_MAX) return unreadable("'row' is not a number from 1");
  skip.row = static_cast<std::uint32_t>(row);
  skip.system_identifier = WEIR_TRY(text_field(choice, "system_identifier"));
  skip.why = WEIR_TRY(text_field(choice, "why"));
  skip.by = WEIR_TRY(text_field(choice, "by"));
  return skip;
}

std::string skip_command(std::string_view table, ChangePlace place) {
  return fmt::format("weir cdc skip --lsn {} --table {}{} --why TEXT --by NAME", place.lsn.text(), shell_word(table),
                     place.row > 1 ? fmt::format(" --row {}", place.row) : "");
}

std::string skip_snapshot_command(std::string_view table) {
  return fmt::format("weir cdc skip --snapshot --table {} --why TEXT --by NAME", shell_word(table));
}

}  // namespace weir::cdc
