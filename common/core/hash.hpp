// One stable 64-bit hash (XXH3), for values that are stored and compared across processes and releases.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

[[nodiscard]] std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace weir
