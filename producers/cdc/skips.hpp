// Changes that an operator chose to leave out, because the stream cannot get past them otherwise (weir cdc skip). They are kept in the
// topic of positions, so that they hold for whichever instance starts next. The skips of a stream are never taken back, because they also
// record who chose them, and why. The skips of a snapshot hold until a snapshot is complete.
//
//   key   := the position's key with one more member, "skip": { "schema", "table", "lsn": "0/16B3748" | "snapshot", "row": n }
//   value := { "system_identifier", "why", "by", "chosen_at" }
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "producers/cdc/lsn.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cdc {

struct Skip {
  std::string schema;
  std::string table;
  std::optional<Lsn> lsn;  // the place of the change; none: the skip is for every row of the table that a snapshot cannot publish
  std::uint32_t row = 1;   // counted from 1 among the rows that share the LSN, as those of one COPY do
  std::string system_identifier;
  std::string why;
  std::string by;
  friend bool operator==(const Skip&, const Skip&) = default;
};

/// A place in the log, and which of the changes that share it.
struct ChangePlace {
  Lsn lsn;
  std::uint32_t row = 1;
  friend bool operator==(const ChangePlace&, const ChangePlace&) = default;
};

class Skips {
 public:
  void add(Skip skip) { skips_.push_back(std::move(skip)); }
  [[nodiscard]] bool empty() const { return skips_.empty(); }
  [[nodiscard]] const std::vector<Skip>& all() const { return skips_; }
  /// Null where this change is to be published.
  [[nodiscard]] const Skip* of_change(std::string_view schema, std::string_view table, ChangePlace place) const;
  /// Null where a snapshot must publish each row of this table.
  [[nodiscard]] const Skip* of_snapshot(std::string_view schema, std::string_view table) const;

 private:
  std::vector<Skip> skips_;
};

/// `position_key` is the key of the stream to which the skip belongs.
[[nodiscard]] std::string skip_key(std::string_view position_key, const Skip& skip);
[[nodiscard]] bool is_skip_key(std::string_view position_key, std::string_view key);
[[nodiscard]] std::string skip_value(const Skip& skip, Instant chosen_at);
/// Reads a skip from its key and value. Fault kData where they are not a skip.
[[nodiscard]] Result<Skip> parse_skip(std::string_view key, std::string_view value);

/// The command by which the operator leaves this change out: "weir cdc skip --lsn 0/16B3748 --table public.orders --why TEXT --by NAME".
[[nodiscard]] std::string skip_command(std::string_view table, ChangePlace place);
[[nodiscard]] std::string skip_snapshot_command(std::string_view table);

}  // namespace weir::cdc
