#include "consumers/insights/pure/recommendation.hpp"

#include "consumers/insights/pure/series.hpp"
#include "consumers/insights/pure/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace weir::insights {

namespace {

constexpr double kNormMean = 50;
constexpr double kUnknownNeed = 0.5;

struct Need {
  double probability = kUnknownNeed;
  const Score* score = nullptr;  // none: no dimension of the module has a score
};

/// The newest score of each dimension by its name, in which modules say what they teach. Of two instruments the newer one counts.
std::map<std::string, const Score*> newest_scores(const History& history) {
  std::map<std::string, const Score*> newest;
  for (const Score& score : history.scores) {
    if (score.polarity != Polarity::kNone) newest[score.dimension.name] = &score;
  }
  return newest;
}

Need need_of(const Module& module, const std::map<std::string, const Score*>& newest) {
  Need need;
  for (const std::string& dimension : module.dimensions) {
    const auto found = newest.find(dimension);
    if (found == newest.end()) continue;
    const double below = normal_cdf((kNormMean - good_t(*found->second)) / found->second->error);
    if (need.score == nullptr || below > need.probability) need = {below, found->second};
  }
  return need;
}

struct Candidate {
  const Module* module = nullptr;
  Need need;
  double success = 0;
  double rank = 0;
};

Finding finding_of(const Candidate& candidate, std::int64_t place) {
  const bool is_needed = candidate.need.score != nullptr && candidate.need.probability > kUnknownNeed;
  const std::string reason = candidate.module->is_begun ? "begun" : is_needed ? "need" : "fit";
  Finding finding{.pattern = "next_module",
                  .kind = Kind::kRecommendation,
                  .subject = candidate.module->id.text(),
                  .classed = reason,
                  .confidence = candidate.rank,
                  .facts = {{"module", candidate.module->title},
                            {"reason", Word{"reason." + reason}},
                            {"rank", place},
                            {"success_percent", std::int64_t{std::lround(100 * candidate.success)}}}};
  std::vector<Uuid> rows{candidate.module->id};
  if (is_needed) {
    rows.push_back(candidate.need.score->response);
    finding.facts["dimension"] = candidate.need.score->dimension.word();
  }
  finding.evidence = evidence_of(std::move(rows));
  return finding;
}

}  // namespace

double expected_success(double skill, double difficulty) { return 1 / (1 + std::pow(10.0, (difficulty - skill) / 400)); }

std::vector<Finding> recommendations(const History& history, Instant /*now*/) {
  const auto newest = newest_scores(history);
  const double skill = history.learner.value_or(Learner{}).skill;
  std::vector<Candidate> candidates;
  for (const Module& module : history.modules) {
    if (module.open_difficulties.empty()) continue;
    Candidate candidate{&module, need_of(module, newest)};
    for (const double difficulty : module.open_difficulties) candidate.success += expected_success(skill, difficulty);
    candidate.success /= static_cast<double>(module.open_difficulties.size());
    const double fit = 1 - std::fabs(candidate.success - kWantedSuccess) / kWantedSuccess;
    candidate.rank = (candidate.need.probability + fit) / 2;
    candidates.push_back(candidate);
  }
  std::ranges::sort(candidates, [](const Candidate& a, const Candidate& b) {
    return std::tie(b.rank, a.module->position, a.module->id) < std::tie(a.rank, b.module->position, b.module->id);
  });
  std::vector<Finding> found;
  for (const Candidate& candidate : candidates) {
    if (found.size() == kRecommended) break;
    found.push_back(finding_of(candidate, static_cast<std::int64_t>(found.size()) + 1));
  }
  return found;
}

}  // namespace weir::insights
