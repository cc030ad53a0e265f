#include "common/events/change.hpp"

#include "common/core/hash.hpp"
#include "common/events/envelope.hpp"

#include <fmt/format.h>

namespace weir::events {

namespace {

using MaybeDead = std::optional<runtime::Dead>;

constexpr std::size_t kKeptBytes = 1 << 20;  // the most that a buffer keeps from one record to the next
constexpr char kUnknownOp = '?';             // the op in the position of a refused change

runtime::Dead malformed(simdjson::error_code error) {
  return {"malformed_json", "", fmt::format("the value is not JSON: {}", simdjson::error_message(error)), true};
}

runtime::Dead no_envelope(std::string_view path) {
  return {"not_an_envelope", std::string(path),
          "the value is JSON, but not a change event: it has no op. Is this the topic of a table, written by weir cdc or Debezium?", true};
}

runtime::Dead missing(std::string_view path, std::string_view member, char op) {
  return {"missing_field", fmt::format("{}/{}", path, member), fmt::format("a change with op {} must have {}", op, member), true};
}

/// A hash of the key and both images as they were written. It tells two changes at one position (rows of one COPY) apart.
std::uint64_t content_hash(const std::optional<std::string_view>& key, const Envelope& envelope) {
  std::uint64_t hash = stable_hash(key.value_or(std::string_view{}), key ? 1 : 0);
  hash = stable_hash(envelope.before_bytes, hash);
  return stable_hash(envelope.after_bytes, hash);
}

/// Checks that an envelope has the members that its op requires.
MaybeDead judge(const Envelope& envelope, std::string_view path) {
  if (envelope.fault) return envelope.fault;
  if (!envelope.op) return no_envelope(path);
  const char op = *envelope.op;
  if (op == 'm') return std::nullopt;
  if (!envelope.has_source) return missing(path, "source", op);
  const bool needs_after = op == 'c' || op == 'u' || op == 'r';
  if (needs_after && !envelope.change.after) return missing(path, "after", op);
  return std::nullopt;
}

}  // namespace

struct ChangeReader::State {
  explicit State(std::vector<Column> columns) : rows(std::move(columns)) {}

  /// The reader has seen this much of a wrapped value so far.
  struct Wrapping {
    std::span<const ColumnFacts> facts;
    bool schema_seen = false;
    bool payload_seen = false;
    bool postponed = false;  // the payload stands before its schema
    bool is_null = false;
  };

  Reading read(const runtime::Record& record);
  bool read_plainly(std::string_view value, Envelope& envelope);
  MaybeDead read_text(simdjson::padded_string_view value, Envelope& envelope, bool& is_null);
  MaybeDead read_wrapped(ondemand::document& document, Envelope& envelope, bool& is_null);
  MaybeDead go_through(ondemand::document& document, Wrapping& wrapping, Envelope& envelope);
  MaybeDead read_schema(ondemand::document& document, ondemand::value& value, Wrapping& wrapping);
  MaybeDead read_payload(ondemand::document& document, ondemand::value& value, Wrapping& wrapping, Envelope& envelope);

  EnvelopeKeys keys;
  RowReader rows;
  ConnectSchema schema;
  PaddedText text;
  ondemand::parser parser;
  bool wrapped = false;
  std::uint32_t records = 0;
  std::uint32_t not_plain = 0;  // records in a row
};

MaybeDead ChangeReader::State::read_schema(ondemand::document& document, ondemand::value& value, Wrapping& wrapping) {
  wrapping.schema_seen = true;
  const Token token = token_of(value);
  std::string_view bytes;
  if (!walk(value, kWalkDepth)) return runtime::Dead{"malformed_json", "/schema", "the value is not JSON: its schema is broken", true};
  if (token.kind != TokenKind::kObject) return std::nullopt;
  if (!bytes_since(token.text.data(), document, bytes))
    return runtime::Dead{"malformed_json", "/schema", "the value ends in its schema", true};
  wrapping.facts = schema.read(bytes, rows.columns());
  return std::nullopt;
}

MaybeDead ChangeReader::State::read_payload(ondemand::document& document, ondemand::value& value, Wrapping& wrapping, Envelope& envelope) {
  wrapping.payload_seen = true;
  const Token token = token_of(value);
  wrapping.is_null = token.kind == TokenKind::kNull;
  if (wrapping.is_null) return std::nullopt;
  ondemand::object object;
  if (token.kind != TokenKind::kObject) return no_envelope("/payload");
  if (value.get_object().get(object) != simdjson::SUCCESS)
    return runtime::Dead{"malformed_json", "/payload", "the value is not JSON", true};
  return read_envelope(document, object, "/payload", wrapping.facts, keys, rows, envelope);
}

MaybeDead ChangeReader::State::go_through(ondemand::document& document, Wrapping& wrapping, Envelope& envelope) {
  ondemand::object object;
  if (const auto error = document.get_object().get(object); error != simdjson::SUCCESS) return malformed(error);
  const bool again = wrapping.postponed;
  for (auto result : object) {
    ondemand::field field;
    if (const auto error = std::move(result).get(field); error != simdjson::SUCCESS) return malformed(error);
    const std::string_view key = raw_key(field.key());
    MaybeDead dead;
    if (key == "schema" && !wrapping.schema_seen) {
      dead = read_schema(document, field.value(), wrapping);
    } else if (key == "payload" && !wrapping.payload_seen && (again || wrapping.schema_seen)) {
      dead = read_payload(document, field.value(), wrapping, envelope);
    } else {
      wrapping.postponed = wrapping.postponed || key == "payload";
      if (!walk(field.value(), kWalkDepth)) dead = malformed(simdjson::TAPE_ERROR);
    }
    if (dead) return dead;
  }
  return std::nullopt;
}

MaybeDead ChangeReader::State::read_wrapped(ondemand::document& document, Envelope& envelope, bool& is_null) {
  Wrapping wrapping;
  if (auto dead = go_through(document, wrapping, envelope)) return dead;
  if (!wrapping.payload_seen && wrapping.postponed) {
    document.rewind();
    if (auto dead = go_through(document, wrapping, envelope)) return dead;
  }
  is_null = wrapping.is_null;
  return wrapping.payload_seen ? MaybeDead{} : no_envelope("");
}

/// Tries the short way. Where it did not serve for a while, it is tried only now and then, since what it reads in vain is read again.
bool ChangeReader::State::read_plainly(std::string_view value, Envelope& envelope) {
  constexpr std::uint32_t kTries = 8;
  constexpr std::uint32_t kRest = 64;
  ++records;
  if (not_plain >= kTries && records % kRest != 0) return false;
  if (read_plain_envelope(value, keys, rows, envelope)) {
    not_plain = 0;
    wrapped = false;
    return true;
  }
  ++not_plain;
  envelope = {};
  return false;
}

MaybeDead ChangeReader::State::read_text(simdjson::padded_string_view value, Envelope& envelope, bool& is_null) {
  ondemand::document document;
  if (const auto error = parser.iterate(value).get(document); error != simdjson::SUCCESS) return malformed(error);
  ondemand::json_type type{};
  if (const auto error = document.type().get(type); error != simdjson::SUCCESS) return malformed(error);
  if (type != ondemand::json_type::object) {
    is_null = value == "null";
    return is_null ? MaybeDead{} : no_envelope("");
  }
  wrapped = runtime::looks_wrapped(value);  // an envelope has neither of the two members
  if (wrapped) {
    if (auto dead = read_wrapped(document, envelope, is_null)) return dead;
  } else {
    ondemand::object object;
    if (const auto error = document.get_object().get(object); error != simdjson::SUCCESS) return malformed(error);
    if (auto dead = read_envelope(document, object, "", {}, keys, rows, envelope)) return dead;
  }
  return ends_here(document) ? MaybeDead{} : malformed(simdjson::TRAILING_CONTENT);
}

Reading ChangeReader::State::read(const runtime::Record& record) {
  if (!record.value) return NoChange{runtime::Skipped{"tombstone"}};
  Envelope envelope;
  bool is_null = false;
  const simdjson::padded_string_view value = text.of(record);
  MaybeDead dead;
  if (!read_plainly(value, envelope)) dead = read_text(value, envelope, is_null);
  if (!dead && is_null) return NoChange{runtime::Skipped{"tombstone"}};
  if (!dead) dead = judge(envelope, wrapped ? "/payload" : "");
  if (!dead && *envelope.op == 'm') return NoChange{runtime::Skipped{"message"}};
  envelope.change.position.op = envelope.op.value_or(kUnknownOp);
  envelope.change.position.content_hash = content_hash(record.key, envelope);
  envelope.change.position.key_form = runtime::form_of(record.key);
  if (!dead) return std::move(envelope.change);
  NoChange refused{std::move(*dead)};
  if (envelope.has_position) refused.position = std::move(envelope.change.position);
  return refused;
}

ChangeReader::ChangeReader(std::vector<Column> columns) : state_(std::make_unique<State>(std::move(columns))) {}

ChangeReader::~ChangeReader() = default;

Reading ChangeReader::read(const runtime::Record& record) {
  Reading reading = read_sides(record);
  if (auto* change = std::get_if<Change>(&reading)) {
    auto& fault = change->before_fault ? change->before_fault : change->after_fault;
    if (fault) return NoChange{std::move(*fault), std::move(change->position)};
  }
  return reading;
}

Reading ChangeReader::read_sides(const runtime::Record& record) {
  Reading reading = state_->read(record);
  if (record.value && record.value->size() > kKeptBytes) {
    state_->text.shrink(kKeptBytes);
    state_->parser = ondemand::parser{};
  }
  return reading;
}

}  // namespace weir::events
