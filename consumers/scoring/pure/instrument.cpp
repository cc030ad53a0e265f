#include "consumers/scoring/pure/instrument.hpp"

#include <algorithm>
#include <cmath>

namespace weir::scoring {

Share share_of(double decimal) { return {std::llround(decimal * 1e9)}; }

std::optional<std::size_t> Instrument::find_item(std::string_view code) const {
  const auto found = std::ranges::lower_bound(items, code, {}, &Item::code);
  if (found == items.end() || found->code != code) return std::nullopt;
  return static_cast<std::size_t>(found - items.begin());
}

}  // namespace weir::scoring
