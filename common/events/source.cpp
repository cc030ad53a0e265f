// source := { name, db, schema, table: text, ts_ms: milliseconds, txId: integer?, sequence: text that holds JSON, … }
// sequence := "[" (null | "\"" lsn "\"") "," "\"" lsn "\"" "]"
#include "common/events/envelope.hpp"
#include "common/events/plain_json.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstring>
#include <utility>

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

/// Milliseconds of this source's times: not beyond the year 9999, nor before the year 1.
bool is_time(std::int64_t ms) { return ms >= -62'135'596'800'000 && ms < 253'402'300'800'000; }

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
      if (!ms || !is_time(*ms)) return "milliseconds since 1970";
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

/// An LSN as it stands in a text within JSON: \"123\".
const char* plain_lsn(const char* at, std::uint64_t& lsn) {
  std::int64_t number = 0;
  if (at[0] != '\\' || at[1] != '"') return nullptr;
  at = plain::read_digits(at + 2, number);
  if (at == nullptr || at[0] != '\\' || at[1] != '"') return nullptr;
  lsn = static_cast<std::uint64_t>(number);
  return at + 2;
}

const char* plain_sequence(const char* at, runtime::ChangePosition& position) {
  if (at[0] != '"' || at[1] != '[') return nullptr;
  at += 2;
  position.commit_lsn.reset();
  at = *at == 'n' ? plain::past_word(at, "null") : plain_lsn(at, position.commit_lsn.emplace());
  if (at == nullptr || *at != ',') return nullptr;
  at = plain_lsn(at + 1, position.lsn);
  return at != nullptr && at[0] == ']' && at[1] == '"' ? at + 2 : nullptr;
}

const char* plain_text(const char* at, std::string_view& text) {
  const char* const end = plain::past_string(at);
  if (end != nullptr) text = {at + 1, static_cast<std::size_t>(end - at - 2)};
  return end;
}

/// A member that is no text of the head.
const char* plain_member(SourceField field, const char* at, Change& change) {
  std::int64_t number = 0;
  switch (field) {
    case SourceField::kName:
    case SourceField::kDb:
    case SourceField::kSchema:
    case SourceField::kTable:
      return nullptr;
    case SourceField::kSequence:
      return plain_sequence(at, change.position);
    case SourceField::kTimestamp:
      at = plain::read_digits(at, number);
      if (!is_time(number)) return nullptr;
      change.position.recorded_at = from_unix_ms(number);
      return at;
    case SourceField::kTransactionId:
      if (*at == 'n') return plain::past_word(at, "null");
      at = plain::read_digits(at, number);
      change.position.transaction_id = static_cast<std::uint32_t>(number);
      return at;
    case SourceField::kOther:
      return plain::past_scalar(at);
  }
  return nullptr;
}

}  // namespace

namespace {

/// Of a source: name, db, schema, table, in the record. Null: not seen yet.
using Texts = std::array<std::string_view, SourceHead::kTexts>;

/// Goes past a source's first members, where they stand as they stood last time. The text ends with a NUL, which no head holds, so that
/// nothing behind it is compared.
bool take_head(const SourceHead& head, const char* at, Texts& texts) {
  if (head.bytes.empty() || std::strncmp(at, head.bytes.data(), head.bytes.size()) != 0) return false;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (head.texts[i]) texts[i] = {at + head.texts[i]->at, head.texts[i]->size};
  }
  return true;
}

void learn_head(SourceHead& head, const char* first, const char* end, std::size_t members, const Texts& texts) {
  head.bytes.assign(first, end);
  head.members = members;
  head.texts = {};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].data() != nullptr) head.texts[i] = {static_cast<std::size_t>(texts[i].data() - first), texts[i].size()};
  }
}

}  // namespace

const char* read_plain_source(const char* at, const KeyTable& keys, SourceHead& head, Change& change) {
  const char* const first = at;
  Texts texts;
  bool has_head = take_head(head, at, texts);
  std::size_t position = has_head ? head.members : 0;
  if (has_head) at += head.bytes.size();
  std::array<bool, kRows.size()> seen{};
  for (std::size_t i = 0; i < texts.size(); ++i) seen[i] = texts[i].data() != nullptr;
  for (;; ++position, ++at) {
    const char* const member = at;
    const KeyTable::Known* const key = keys.take_known(at, position);
    if (key == nullptr) return nullptr;
    const auto index = static_cast<std::size_t>(key->index);
    const SourceField field = key->index == KeyTable::kOther ? SourceField::kOther : kRows[index].field;
    if (field != SourceField::kOther && std::exchange(seen[index], true)) return nullptr;
    if (field < SourceField::kSequence) {
      at = plain_text(at, texts[index]);
    } else {
      if (field != SourceField::kOther && !std::exchange(has_head, true)) learn_head(head, first, member, position, texts);
      at = plain_member(field, at, change);
    }
    if (at == nullptr || !plain::ends_value(at)) return nullptr;
    if (*at == '}') break;
  }
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].required && !seen[i]) return nullptr;
  }
  change.position.source_name = texts[0];
  change.position.source_db = texts[1];
  change.schema = texts[2];
  change.table = texts[3];
  return at + 1;
}

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
