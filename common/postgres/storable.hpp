// Text that Postgres stores: UTF-8 without a zero byte.
#pragma once

#include <string>
#include <string_view>

namespace weir::postgres {

[[nodiscard]] bool is_storable(std::string_view text);

/// The text with '?' for every byte that Postgres refuses.
[[nodiscard]] std::string storable(std::string_view text);

}  // namespace weir::postgres
