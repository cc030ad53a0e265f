// The series of a chart, as JSON with its SQL, or as CSV.
#pragma once

#include "operations/console/questions.hpp"
#include "operations/console/series.hpp"

namespace weir::console {

[[nodiscard]] Questions::Question series_question(Series series);
[[nodiscard]] Questions::Question series_csv_question(Series series);

}  // namespace weir::console
