// Addresses of streets, with postal codes and towns, as they are written in the languages of the lexicons.
#pragma once

#include "consumers/insights/pure/letters.hpp"
#include "consumers/insights/pure/span.hpp"

#include <string_view>
#include <vector>

namespace weir::insights {

/// The numbers directly before a name, which may be a street's: "1998 Villegas Mall".
[[nodiscard]] Spans house_numbers(std::string_view text, const Spans& names);

[[nodiscard]] Spans street_addresses(std::string_view text, const std::vector<TextWord>& words);

}  // namespace weir::insights
