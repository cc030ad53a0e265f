#include "consumers/scoring/pure/judgement.hpp"

namespace weir::scoring {

Judgement judge(const ResponseRow& row, const AssessmentState& assessment, const std::optional<Announcement>& announced,
                Microseconds max_future) {
  if ((row.status != "submitted" && row.status != "scored") || !row.submitted_at) return {Verdict::kWithdraw, {}};
  if (announced && announced->submitted_at != row.submitted_at) return {Verdict::kSuperseded, {}};
  if (assessment.organization && *assessment.organization != row.organization) return {Verdict::kRefuse, "foreign_assessment"};
  if (assessment.status == "draft") return {Verdict::kRefuse, "draft_assessment"};
  if (!assessment.is_sound) return {Verdict::kRefuse, "faulty_assessment"};
  const bool ends_before_it_begins = *row.submitted_at < row.started_at;
  const bool is_in_the_future = announced && *row.submitted_at > announced->recorded_at + max_future;
  if (ends_before_it_begins || is_in_the_future) return {Verdict::kRefuse, "out_of_time"};
  return {Verdict::kScore, {}};
}

}  // namespace weir::scoring
