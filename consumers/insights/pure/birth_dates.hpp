// Dates on which somebody may have been born.
#pragma once

#include "consumers/insights/pure/span.hpp"

#include <string_view>

namespace weir::insights {

/// The numbers of a date near a word for birth ("born", "geb.", "née le"), with the month between them, and every full date of a year that
/// is long ago: whoever uses the application was not born yesterday.
[[nodiscard]] Spans birth_dates(std::string_view text);

}  // namespace weir::insights
