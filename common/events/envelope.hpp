// The envelope of one change: which members there are, and where the change stands in its source.
#pragma once

#include "common/events/change.hpp"
#include "common/events/json_text.hpp"
#include "common/events/row.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::events {

/// What was found in an envelope. The bytes of the images are for their hash.
struct Envelope {
  std::optional<char> op;
  bool has_source = false;             // there is one
  bool has_position = false;           // and all of it could be read
  std::optional<runtime::Dead> fault;  // the first one after which reading could go on
  Change change;
  std::string_view before_bytes;
  std::string_view after_bytes;
};

/// What a reader has learnt of the order of keys.
struct EnvelopeKeys {
  KeyTable members{{"before", "after", "source", "op"}};
  KeyTable source{{"name", "db", "schema", "table", "sequence", "ts_ms", "txId"}};
};

/// Reads an envelope to its end. `path` is where it stands: "", or "/payload". The answer is a fault that ends the reading: broken JSON,
/// after which the document must not be touched again, or a source block that gives no position. Any other fault is kept in the envelope,
/// and the rest is read for the sake of the position.
[[nodiscard]] std::optional<runtime::Dead> read_envelope(ondemand::document& document, ondemand::object& object, std::string_view path,
                                                         std::span<const ColumnFacts> facts, EnvelopeKeys& keys, RowReader& rows,
                                                         Envelope& envelope);

/// Reads `source` into the position, the schema and the table.
[[nodiscard]] std::optional<runtime::Dead> read_source(ondemand::object& source, std::string_view path, KeyTable& keys, Change& change);

}  // namespace weir::events
