#include "consumers/insights/pure/telling.hpp"

#include <algorithm>

namespace weir::insights {

std::chrono::days pause_after(std::int64_t not_helpful) { return kPause * (1 << std::min(not_helpful / kRatingsToDouble, kMostDoublings)); }

std::vector<Telling> to_tell(std::vector<Finding> findings, std::span<const Told> told, const NotHelpful& not_helpful, Instant now) {
  std::vector<Telling> telling;
  for (Finding& finding : findings) {
    const auto before =
        std::ranges::find_if(told, [&](const Told& one) { return one.pattern == finding.pattern && one.subject == finding.subject; });
    if (before == told.end()) {
      telling.push_back({std::move(finding), std::nullopt});
      continue;
    }
    const auto rated = not_helpful.find(finding.pattern);
    const std::chrono::days pause = pause_after(rated == not_helpful.end() ? 0 : rated->second);
    const bool is_due = now >= before->at + pause || finding.classed != before->classed;
    if (is_due) telling.push_back({std::move(finding), before->insight});
  }
  return telling;
}

}  // namespace weir::insights
