// The place of a live tail in all partitions of its topic, as the id of its events, so that a tail that is cut goes on without a gap. Pure.
//
//   id := [partition ':' offset (',' partition ':' offset)*]      the offset of the next record
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace weir::console {

using TailPlace = std::map<std::int32_t, std::int64_t>;

[[nodiscard]] std::string text_of(const TailPlace& place);
/// None: is no such text.
[[nodiscard]] std::optional<TailPlace> place_of(std::string_view text);

}  // namespace weir::console
