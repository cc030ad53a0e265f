#include "common/runtime/source_position.hpp"

#include "common/core/json.hpp"
#include "common/core/log_place.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace weir::runtime {

namespace {

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

const SourcePositions::Entry* SourcePositions::find(std::string_view name, std::string_view db) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.name == name && entry.db == db; });
  return found == entries_.end() ? nullptr : &*found;
}

SourcePositions::Entry& SourcePositions::entry_of(const std::string& name, const std::string& db) {
  if (const Entry* found = find(name, db)) return entries_[static_cast<std::size_t>(found - entries_.data())];
  return entries_.emplace_back(Entry{name, db, {}, 0, {}, {}});
}

bool SourcePositions::knows_form(const ChangePosition& change) const {
  if (change.op == 'r' || !change.key_form) return true;
  const Entry* entry = find(change.source_name, change.source_db);
  return entry != nullptr && entry->key_form == change.key_form;
}

std::optional<KeyForm> SourcePositions::form_of(const SourceKeyForm& source) const {
  const Entry* entry = find(source.name, source.db);
  return entry == nullptr ? std::nullopt : entry->key_form;
}

void SourcePositions::know_form(const SourceKeyForm& form) { entry_of(form.name, form.db).key_form = form.form; }

SourcePositions::Verdict SourcePositions::judge(const ChangePosition& change) const {
  if (change.op == 'r') return Verdict::kNew;
  const Entry* entry = find(change.source_name, change.source_db);
  if (entry == nullptr) return Verdict::kNew;
  const auto order = compare_places({change.commit_lsn, change.lsn}, {entry->commit_lsn, entry->lsn});
  if (order > 0) return Verdict::kNew;
  if (order < 0) return change.recorded_at > entry->recorded_at + kRebuiltAfter ? Verdict::kRebuilt : Verdict::kReSent;
  const bool seen = std::find(entry->hashes.begin(), entry->hashes.end(), change.content_hash) != entry->hashes.end();
  return seen ? Verdict::kReSent : Verdict::kNew;
}

void SourcePositions::advance(const ChangePosition& change) {
  if (change.op == 'r') return;
  Entry& entry = entry_of(change.source_name, change.source_db);
  const bool same = entry.lsn == change.lsn && entry.commit_lsn == change.commit_lsn;
  if (!same) entry.hashes.clear();
  entry.commit_lsn = change.commit_lsn;
  entry.lsn = change.lsn;
  entry.recorded_at = std::max(entry.recorded_at, change.recorded_at);
  entry.hashes.push_back(change.content_hash);
}

std::string SourcePositions::to_json() const {
  std::string out = "[";
  for (const Entry& entry : entries_) {
    if (out.size() > 1) out.push_back(',');
    out +=
        fmt::format(R"({{"name":{},"db":{},"commit":{},"lsn":"{}","ts_ms":{},"hashes":[)", json_string(entry.name), json_string(entry.db),
                    entry.commit_lsn ? fmt::format("\"{}\"", *entry.commit_lsn) : "null", entry.lsn, unix_ms(entry.recorded_at));
    for (std::size_t i = 0; i < entry.hashes.size(); ++i) out += fmt::format("{}\"{}\"", i == 0 ? "" : ",", entry.hashes[i]);
    out += fmt::format("],\"key_form\":{}}}", entry.key_form ? fmt::format("\"{}\"", name_of(*entry.key_form)) : "null");
  }
  return out + "]";
}

Result<SourcePositions> SourcePositions::parse(std::string_view json) {
  SourcePositions positions;
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(json);
    for (const simdjson::dom::element element : parser.parse(padded).get_array()) {
      Entry entry;
      entry.name = std::string(element["name"].get_string().value());
      entry.db = std::string(element["db"].get_string().value());
      if (!element["commit"].is_null()) entry.commit_lsn = number(element["commit"].get_string().value());
      entry.lsn = number(element["lsn"].get_string().value());
      entry.recorded_at = from_unix_ms(element["ts_ms"].get_int64().value());
      for (const simdjson::dom::element hash : element["hashes"].get_array()) entry.hashes.push_back(number(hash.get_string().value()));
      if (std::string_view form; element["key_form"].get_string().get(form) == simdjson::SUCCESS) entry.key_form = key_form_named(form);
      positions.entries_.push_back(std::move(entry));
    }
  } catch (const simdjson::simdjson_error& error) {
    return fail(FaultKind::kData, fmt::format("source_position in weir.consumer_offsets cannot be read: {}", error.what()),
                "it was changed by hand; restore the row");
  }
  return positions;
}

}  // namespace weir::runtime
