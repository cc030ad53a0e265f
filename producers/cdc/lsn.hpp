// A place in Postgres' write-ahead log.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::cdc {

struct Lsn {
  std::uint64_t value = 0;
  friend auto operator<=>(Lsn, Lsn) = default;
  /// Postgres' own form: "1/A7B3C8".
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static std::optional<Lsn> parse(std::string_view text);
};

}  // namespace weir::cdc
