// "Did you mean …?": the nearest of the known words, if one is near enough to be a slip of the hand.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::config {

/// The number of letters to insert, remove, replace or swap with their neighbour to get from one word to the other.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `word`: at most 2 edits away, and fewer than half of its letters. Of equals the first.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace weir::config
