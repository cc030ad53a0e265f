#include "consumers/scoring/wakeup.hpp"

#include "common/group_state/group_lock.hpp"
#include "consumers/scoring/alignments.hpp"
#include "consumers/scoring/learning.hpp"

namespace weir::scoring {

Result<bool> wake_up(postgres::Statements& connection, const std::string& group, Instant now) {
  // Units of work go on beside this step. They leave a mark for each change that this step may not have seen.
  WEIR_TRY(group_state::work_alone(connection, group + " wake-up"));
  // Learners come first, because this step waits for the locks of their users. A unit of work that has these locks may wait for marks of
  // alignments, so this step must not have taken any yet.
  const bool more_learning = WEIR_TRY(compute_marked(connection, group));
  const bool more_alignments = WEIR_TRY(align_marked(connection, group, now));
  return more_alignments || more_learning;
}

}  // namespace weir::scoring
