// What Postgres takes as text.
#pragma once

#include <string>
#include <string_view>

namespace weir::ledger {

/// The text with '?' for every byte that Postgres does not take: NUL, and what is no UTF-8.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace weir::ledger
