#include "common/events/envelope.hpp"

#include "common/events/column_value.hpp"
#include "common/events/plain_json.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace weir::events {

namespace {

using MaybeDead = std::optional<runtime::Dead>;

/// In the order of EnvelopeKeys::members.
enum class Member : std::uint8_t { kBefore, kAfter, kSource, kOp, kOther };

runtime::Dead malformed(std::string_view path) {
  return {"malformed_json", std::string(path), "the value is not JSON: its envelope is broken", true};
}

runtime::Dead wrong_type(std::string path, std::string_view expected, TokenKind found) {
  std::string message = fmt::format("{} must be {}, not {}", path, expected, name_of(found));
  return {"wrong_type", std::move(path), std::move(message), true};
}

/// Reads the envelope's members one by one; each is counted once, a repeated one is only walked through.
class EnvelopeReader {
 public:
  EnvelopeReader(ondemand::document& document, std::string_view path, std::span<const ColumnFacts> facts, EnvelopeKeys& keys,
                 RowReader& rows, Envelope& out)
      : document_(document), path_(path), facts_(facts), keys_(keys), rows_(rows), out_(out) {}

  MaybeDead read(ondemand::field& field) {
    const int index = keys_.members.index_of(field.key(), position_++);
    const Member member = index == KeyTable::kOther ? Member::kOther : static_cast<Member>(index);
    bool& seen = seen_[static_cast<std::size_t>(member)];
    const bool first = member != Member::kOther && !seen;
    seen = true;
    if (!first) return walk(field.value(), kWalkDepth) ? MaybeDead{} : malformed(path_);
    const Token token = token_of(field.value());
    switch (member) {
      case Member::kBefore:
        return image(field.value(), token, RowReader::Side::kBefore, "/before", out_.change.before, out_.change.before_fault,
                     out_.before_bytes);
      case Member::kAfter:
        return image(field.value(), token, RowReader::Side::kAfter, "/after", out_.change.after, out_.change.after_fault, out_.after_bytes);
      case Member::kSource:
        return source(field.value(), token);
      case Member::kOp:
        return op(field.value(), token);
      case Member::kOther:
        break;
    }
    return std::nullopt;
  }

 private:
  MaybeDead image(ondemand::value& value, const Token& token, RowReader::Side side, std::string_view name, std::optional<RowImage>& row,
                  MaybeDead& fault, std::string_view& bytes) {
    if (token.kind == TokenKind::kNull) return std::nullopt;
    std::string path = path_ + std::string(name);
    if (token.kind != TokenKind::kObject) {
      bytes = token.text;
      return refuse(value, wrong_type(path, "an object or null", token.kind));
    }
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return malformed(path);
    if (auto dead = rows_.read(object, side, path, facts_, row.emplace(), fault)) return dead;
    return bytes_since(token.text.data(), document_, bytes) ? MaybeDead{} : malformed(path);
  }

  MaybeDead source(ondemand::value& value, const Token& token) {
    std::string path = path_ + "/source";
    if (token.kind != TokenKind::kObject) return refuse(value, wrong_type(std::move(path), "an object", token.kind));
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return malformed(path);
    out_.has_source = true;
    auto fault = read_source(object, path, keys_.source, out_.change);
    out_.has_position = !fault;
    const bool is_broken = fault && fault->reason == kMalformed;
    return fault && out_.fault && !is_broken ? out_.fault : fault;
  }

  MaybeDead op(ondemand::value& value, const Token& token) {
    std::string path = path_ + "/op";
    if (token.kind != TokenKind::kString) return refuse(value, wrong_type(std::move(path), "a string", token.kind));
    const std::string_view text = token.quoted();
    if (text.size() != 1 || std::string_view("curdtm").find(text.front()) == std::string_view::npos) {
      return refuse(value, {"unknown_op", std::move(path), "op must be c, u, d, r, t or m: is the producer newer than this weir?", true});
    }
    out_.op = text.front();
    return std::nullopt;
  }

  /// Keeps a fault of a value whose JSON is sound, and goes to the end of the value.
  MaybeDead refuse(ondemand::value& value, runtime::Dead fault) {
    if (!walk(value, kWalkDepth)) return malformed(fault.path);
    if (!out_.fault) out_.fault = std::move(fault);
    return std::nullopt;
  }

  ondemand::document& document_;
  std::string path_;
  std::span<const ColumnFacts> facts_;
  EnvelopeKeys& keys_;
  RowReader& rows_;
  Envelope& out_;
  std::size_t position_ = 0;
  std::array<bool, 5> seen_{};
};

}  // namespace

namespace {

constexpr std::string_view kOps = "curdt";  // those of changes

/// The image that begins at `at`; an image that is null is none.
const char* read_plain_image(const char* at, RowReader& rows, RowReader::Side side, std::optional<RowImage>& row, std::string_view& bytes) {
  if (*at != '{') return plain::past_word(at, "null");
  const char* const end = rows.read_plain(at + 1, side, row.emplace());
  if (end != nullptr) bytes = {at, static_cast<std::size_t>(end - at)};
  return end;
}

const char* read_plain_member(const char* at, Member member, EnvelopeKeys& keys, RowReader& rows, Envelope& out) {
  switch (member) {
    case Member::kBefore:
      return read_plain_image(at, rows, RowReader::Side::kBefore, out.change.before, out.before_bytes);
    case Member::kAfter:
      return read_plain_image(at, rows, RowReader::Side::kAfter, out.change.after, out.after_bytes);
    case Member::kSource:
      out.has_source = out.has_position = true;
      return *at == '{' ? read_plain_source(at + 1, keys.source, keys.head, out.change) : nullptr;
    case Member::kOp:
      if (at[0] != '"' || kOps.find(at[1]) == std::string_view::npos || at[2] != '"') return nullptr;
      out.op = at[1];
      return at + 3;
    case Member::kOther:
      return plain::past_scalar(at);
  }
  return nullptr;
}

}  // namespace

bool read_plain_envelope(std::string_view text, EnvelopeKeys& keys, RowReader& rows, Envelope& envelope) {
  const char* at = text.data();
  if (*at++ != '{') return false;
  std::array<bool, 4> seen{};
  for (std::size_t position = 0;; ++position, ++at) {
    const KeyTable::Known* const key = keys.members.take_known(at, position);
    if (key == nullptr) return false;
    if (key->index != KeyTable::kOther && std::exchange(seen[static_cast<std::size_t>(key->index)], true)) return false;
    // The first member tells an envelope from {schema, payload}.
    if (key->index == KeyTable::kOther && position == 0) return false;
    at = read_plain_member(at, key->index == KeyTable::kOther ? Member::kOther : static_cast<Member>(key->index), keys, rows, envelope);
    if (at == nullptr || !plain::ends_value(at)) return false;
    if (*at == '}') return at + 1 == text.data() + text.size();
  }
}

MaybeDead read_envelope(ondemand::document& document, ondemand::object& object, std::string_view path, std::span<const ColumnFacts> facts,
                        EnvelopeKeys& keys, RowReader& rows, Envelope& envelope) {
  EnvelopeReader reader(document, path, facts, keys, rows, envelope);
  for (auto result : object) {
    if (result.error() != simdjson::SUCCESS) return malformed(path);
    ondemand::field&& field = std::move(result).value_unsafe();
    if (auto dead = reader.read(field)) return dead;
  }
  return std::nullopt;
}

}  // namespace weir::events
