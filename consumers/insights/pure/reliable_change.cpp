#include "consumers/insights/pure/reliable_change.hpp"

#include "consumers/insights/pure/series.hpp"
#include "consumers/insights/pure/statistics.hpp"

#include <cmath>

namespace weir::insights {

std::vector<Finding> reliable_change(const History& history, Instant now) {
  std::map<Dimension, const Change*> newest;
  for (const Change& change : history.changes) {
    if (change.direction && is_fresh(change.submitted_at, now)) newest[change.dimension] = &change;
  }
  std::vector<double> by_chance;
  for (const auto& [dimension, change] : newest) by_chance.push_back(two_sided_p(change->index));
  const std::vector<double> adjusted = holm(by_chance);
  std::vector<Finding> found;
  std::size_t place = 0;
  for (const auto& [dimension, change] : newest) {
    const double p = adjusted[place++];
    if (p >= kChangeAlpha || change->direction == Direction::kStable) continue;
    const bool improves = change->direction == Direction::kImproving;
    Finding finding{.pattern = "reliable_change",
                    .kind = improves ? Kind::kProgress : Kind::kPattern,
                    .subject = dimension.text(),
                    .classed = improves ? "improving" : "declining",
                    .confidence = 1 - p,
                    .evidence = evidence_of({change->response, change->previous_response}),
                    .facts = {{"dimension", dimension.word()}, {"points", std::fabs(change->difference)}}};
    found.push_back(finding);
    if (improves) continue;
    finding.pattern = "student_declining";
    finding.kind = Kind::kRisk;
    finding.audience = Audience::kTeacher;
    found.push_back(std::move(finding));
  }
  return found;
}

}  // namespace weir::insights
