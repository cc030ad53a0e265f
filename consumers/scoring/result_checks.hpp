// What the rows of weir scoring have to be, as SQL: a second computation, which has no line in common with the first.
#pragma once

#include "common/process/declaration.hpp"

namespace weir::scoring {

/// Compares with two tables of the session that hold what users answered: given_responses (response_id, organization_id, user_id,
/// assessment_id, started_at, submitted_at, and status, which is how the response has to end) and given_answers (response_id, code, value).
[[nodiscard]] process::ResultChecks score_checks();
/// These, and those of learning (learning_checks.hpp).
[[nodiscard]] process::ResultChecks result_checks();

}  // namespace weir::scoring
