// Reads the envelope of one change: its members, and the place of the change in its source.
#pragma once

#include "common/events/change.hpp"
#include "common/events/json_text.hpp"
#include "common/events/row.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::events {

/// What was found in an envelope. The bytes of the images are for their hash.
struct Envelope {
  std::optional<char> op;
  bool has_source = false;             // the envelope has a source block
  bool has_position = false;           // all of the source block could be read
  std::optional<runtime::Dead> fault;  // the first fault after which reading could go on
  Change change;
  std::string_view before_bytes;
  std::string_view after_bytes;
};

/// How a `source` began last time: with texts that are the same in all changes of a table.
struct SourceHead {
  static constexpr std::size_t kTexts = 4;  // name, db, schema, table
  struct Text {
    std::size_t at = 0;
    std::size_t size = 0;
  };
  std::string bytes;        // from behind the opening brace to the key of the first number, or of the sequence
  std::size_t members = 0;  // how many stand in them
  std::array<std::optional<Text>, kTexts> texts{};
};

/// The order of keys, as the reader has learnt it from former records.
struct EnvelopeKeys {
  KeyTable members{{"before", "after", "source", "op"}};
  KeyTable source{{"name", "db", "schema", "table", "sequence", "ts_ms", "txId"}};
  SourceHead head;
};

/// Reads an envelope to its end. `path` is where it stands: "" or "/payload". Returns only a fault that ends the reading: broken JSON,
/// after which the document must not be touched again, or a source block without a position. Any other fault is kept in the envelope, and
/// reading goes on, because the position is needed even then.
[[nodiscard]] std::optional<runtime::Dead> read_envelope(ondemand::document& document, ondemand::object& object, std::string_view path,
                                                         std::span<const ColumnFacts> facts, EnvelopeKeys& keys, RowReader& rows,
                                                         Envelope& envelope);

/// Reads an envelope in plain form (plain_json.hpp), its keys in the order of the envelope before; the text must be padded. False where it
/// has to be read in general, also because it has a fault: what was read of it then means nothing.
[[nodiscard]] bool read_plain_envelope(std::string_view text, EnvelopeKeys& keys, RowReader& rows, Envelope& envelope);

/// Reads a `source` in plain form from behind its opening brace on, and returns the place behind it; null where it has to be read in
/// general.
[[nodiscard]] const char* read_plain_source(const char* at, const KeyTable& keys, SourceHead& head, Change& change);
/// Reads `source` into the position, the schema and the table.
[[nodiscard]] std::optional<runtime::Dead> read_source(ondemand::object& source, std::string_view path, KeyTable& keys, Change& change);

}  // namespace weir::events
