// Makes text that Postgres accepts.
#pragma once

#include <string>
#include <string_view>

namespace weir::ledger {

/// The text with '?' for every byte that Postgres refuses: NUL, and bytes that are not UTF-8.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace weir::ledger
