// What the page shows on demand: alerts, organizations, and what operators did.
#pragma once

#include "operations/console/parameters.hpp"
#include "operations/console/questions.hpp"

namespace weir::console {

[[nodiscard]] Result<Questions::Question> alerts_question(const Parameters& parameters);
[[nodiscard]] Questions::Question organizations_question();
[[nodiscard]] Result<Questions::Question> done_question(const Parameters& parameters);

}  // namespace weir::console
