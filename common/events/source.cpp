// source := { name, db, schema, table: text, ts_ms: milliseconds, txId: integer?, sequence: text that holds JSON, … }
// sequence := "[" (null | "\"" lsn "\"") "," "\"" lsn "\"" "]"
#include "common/events/envelope.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace weir::events {

namespace {

enum class SourceField : std::uint8_t { kName, kDb, kSchema, kTable, kSequence, kTimestamp, kTransactionId, kOther };

struct SourceRow {
  std::string_view name;
  SourceField field;
  bool required;
};

/// In the order of EnvelopeKeys::source.
constexpr std::array<SourceRow, 7> kRows{{{"name", SourceField::kName, true},
                                          {"db", SourceField::kDb, true},
                                          {"schema", SourceField::kSchema, true},
                                          {"table", SourceField::kTable, true},
                                          {"sequence", SourceField::kSequence, true},
                                          {"ts_ms", SourceField::kTimestamp, true},
                                          {"txId", SourceField::kTransactionId, false}}};

bool take(std::string_view& text, char c) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::uint64_t> take_lsn(std::string_view& text) {
  if (!take(text, '"')) return std::nullopt;
  std::uint64_t lsn = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), lsn);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return take(text, '"') ? std::optional(lsn) : std::nullopt;
}

bool read_sequence(std::string_view text, runtime::ChangePosition& position) {
  if (!take(text, '[')) return false;
  if (text.starts_with("null")) {
    text.remove_prefix(4);
    position.commit_lsn.reset();
  } else {
    position.commit_lsn = take_lsn(text);
    if (!position.commit_lsn) return false;
  }
  if (!take(text, ',')) return false;
  const auto lsn = take_lsn(text);
  if (!lsn || !take(text, ']') || !text.empty()) return false;
  position.lsn = *lsn;
  return true;
}

std::optional<std::int64_t> integer_of(const Token& token) {
  std::int64_t number = 0;
  if (token.kind != TokenKind::kNumber || !is_json_integer(token.text)) return std::nullopt;
  if (std::from_chars(token.text.data(), token.text.data() + token.text.size(), number).ec != std::errc{}) return std::nullopt;
  return number;
}

/// Takes a member of `source`. Returns "" where the value is right, else a description of what the value must be.
std::string_view read_member(SourceField field, ondemand::value& value, const Token& token, Change& change) {
  std::string_view text;
  const bool is_text = token.kind == TokenKind::kString && text_of(value, token, text);
  switch (field) {
    case SourceField::kName:
      change.position.source_name = text;
      return is_text ? "" : "a string";
    case SourceField::kDb:
      change.position.source_db = text;
      return is_text ? "" : "a string";
    case SourceField::kSchema:
      change.schema = text;
      return is_text ? "" : "a string";
    case SourceField::kTable:
      change.table = text;
      return is_text ? "" : "a string";
    case SourceField::kSequence:
      return is_text && read_sequence(text, change.position) ? "" : R"(text such as ["24023128","24023216"] or [null,"24023128"])";
    case SourceField::kTimestamp: {
      const auto ms = integer_of(token);
      // A time beyond the year 9999, or before the year 1, cannot come from this source.
      if (!ms || *ms < -62'135'596'800'000 || *ms >= 253'402'300'800'000) return "milliseconds since 1970";
      change.position.recorded_at = from_unix_ms(*ms);
      return "";
    }
    case SourceField::kTransactionId: {
      if (token.kind == TokenKind::kNull) return "";
      const auto id = integer_of(token);
      // The stream numbers transactions with 32 bits; a snapshot may write 64 bits, of which the lower 32 are the same number.
      change.position.transaction_id = static_cast<std::uint32_t>(id.value_or(0));
      return id ? "" : "a whole number";
    }
    case SourceField::kOther:
      return "";
  }
  return "";
}

runtime::Dead fault(std::string_view reason, std::string_view path, std::string_view name, std::string message) {
  std::string pointer(path);
  if (!name.empty()) append_step(pointer, name);
  return {std::string(reason), std::move(pointer), std::move(message), true};
}

}  // namespace

std::optional<runtime::Dead> read_source(ondemand::object& source, std::string_view path, KeyTable& keys, Change& change) {
  std::array<bool, kRows.size()> seen{};
  std::size_t position = 0;
  for (auto result : source) {
    if (result.error() != simdjson::SUCCESS) return fault("malformed_json", path, "", "the value is not JSON: source is broken");
    ondemand::field&& field = std::move(result).value_unsafe();
    const int key = keys.index_of(field.key(), position++);
    const auto index = static_cast<std::size_t>(key);
    if (key == KeyTable::kOther || seen[index]) {
      if (!walk(field.value(), kWalkDepth)) return fault("malformed_json", path, "", "the value is not JSON: source is broken");
      continue;
    }
    const SourceRow* const row = &kRows[index];
    seen[index] = true;
    const Token token = token_of(field.value());
    if (token.kind == TokenKind::kBroken) return fault("malformed_json", path, row->name, "the value is not JSON: source is broken");
    const std::string_view expected = read_member(row->field, field.value(), token, change);
    if (expected.empty()) continue;
    if (token.kind == TokenKind::kNull) return fault("missing_field", path, row->name, fmt::format("source.{} is null", row->name));
    return fault("wrong_type", path, row->name, fmt::format("source.{} must be {}", row->name, expected));
  }
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].required && !seen[i]) return fault("missing_field", path, kRows[i].name, fmt::format("source has no {}", kRows[i].name));
  }
  return std::nullopt;
}

}  // namespace weir::events
