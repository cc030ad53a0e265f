#include "consumers/insights/pure/divergence.hpp"

#include "consumers/insights/pure/series.hpp"
#include "consumers/insights/pure/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace weir::insights {

namespace {

/// The scores of one submission.
using Profile = std::vector<const Score*>;

struct Pair {
  const Score* higher = nullptr;
  const Score* lower = nullptr;
  [[nodiscard]] double gap() const { return good_t(*higher) - good_t(*lower); }
  [[nodiscard]] double error() const { return std::hypot(higher->error, lower->error); }
};

/// The submissions of each instrument, in order.
std::map<std::string, std::vector<Profile>> profiles_of(const History& history) {
  std::map<std::string, std::vector<Profile>> found;
  for (const Score& score : history.scores) {
    if (score.polarity == Polarity::kNone || score.dimension.name == kComposite) continue;
    std::vector<Profile>& profiles = found[score.dimension.instrument];
    if (profiles.empty() || profiles.back().front()->response != score.response) profiles.emplace_back();
    profiles.back().push_back(&score);
  }
  return found;
}

std::optional<Pair> widest(const Profile& profile) {
  if (profile.size() < 2) return std::nullopt;
  const auto [lower, higher] = std::ranges::minmax_element(profile, [](const Score* a, const Score* b) { return good_t(*a) < good_t(*b); });
  return Pair{*higher, *lower};
}

/// The same two dimensions in another submission, the higher one still named as such even if it was the lower one there.
std::optional<Pair> same_pair(const Pair& pair, const Profile& profile) {
  Pair found;
  for (const Score* score : profile) {
    if (score->dimension == pair.higher->dimension) found.higher = score;
    if (score->dimension == pair.lower->dimension) found.lower = score;
  }
  if (found.higher == nullptr || found.lower == nullptr) return std::nullopt;
  return found;
}

Finding finding_of(const Pair& pair, const std::optional<Pair>& before, double p) {
  const bool is_widening = before && (pair.gap() - before->gap()) / std::hypot(pair.error(), before->error()) > kWidening;
  std::vector<Uuid> responses{pair.higher->response};
  if (is_widening) responses.push_back(before->higher->response);
  const bool is_doubtful = pair.higher->is_doubtful || pair.lower->is_doubtful;
  return {.pattern = "divergence",
          .kind = Kind::kPattern,
          .subject = pair.higher->dimension.text() + '/' + pair.lower->dimension.name,
          .classed = is_widening ? "widening" : "apart",
          .confidence = is_doubtful ? (1 - p) * kDoubt : 1 - p,
          .evidence = evidence_of(std::move(responses)),
          .facts = {{"higher", pair.higher->dimension.word()}, {"lower", pair.lower->dimension.word()}, {"points", pair.gap()}}};
}

}  // namespace

std::vector<Finding> divergence(const History& history, Instant now) {
  const auto instruments = profiles_of(history);
  double pairs = 0;
  for (const auto& [instrument, profiles] : instruments) {
    const auto n = static_cast<double>(profiles.back().size());
    pairs += n * (n - 1) / 2;
  }
  std::vector<Finding> found;
  for (const auto& [instrument, profiles] : instruments) {
    const std::optional<Pair> pair = widest(profiles.back());
    if (!pair || !is_fresh(pair->higher->submitted_at, now) || pair->gap() < kLeastGap) continue;
    const double p = std::min(1.0, two_sided_p(pair->gap() / pair->error()) * pairs);
    if (p >= kGapAlpha) continue;
    const std::optional<Pair> before = profiles.size() < 2 ? std::nullopt : same_pair(*pair, profiles[profiles.size() - 2]);
    found.push_back(finding_of(*pair, before, p));
  }
  return found;
}

}  // namespace weir::insights
