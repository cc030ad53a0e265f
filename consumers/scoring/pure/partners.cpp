#include "consumers/scoring/pure/partners.hpp"

#include <algorithm>
#include <optional>

namespace weir::scoring {

namespace {

/// Every candidate of the user's projects once, with the user.
std::map<UserId, Candidate> circle_of(const UserId& user, const Circles& circles) {
  std::map<UserId, Candidate> found;
  const auto projects = circles.projects_of.find(user);
  if (projects == circles.projects_of.end()) return found;
  for (const Uuid& project : projects->second) {
    const auto candidates = circles.candidates_of.find(project);
    if (candidates == circles.candidates_of.end()) continue;
    for (const Candidate& candidate : candidates->second) found.emplace(candidate.user, candidate);
  }
  return found;
}

}  // namespace

std::vector<Candidate> partners_of(const UserId& user, const Circles& circles) {
  const std::map<UserId, Candidate> circle = circle_of(user, circles);
  if (circle.find(user) == circle.end()) return {};
  std::vector<Candidate> partners;
  for (const auto& [id, candidate] : circle) {
    if (id != user) partners.push_back(candidate);
  }
  std::ranges::sort(partners, std::greater<>{}, &Candidate::newest);
  if (partners.size() > kMostPartners) partners.resize(kMostPartners);
  return partners;
}

std::vector<Pair> pairs_of(const std::set<UserId>& users, const Circles& circles) {
  std::map<UserId, std::set<UserId>> known;  // partners of the users looked up so far
  const auto partners = [&](const UserId& user) -> const std::set<UserId>& {
    const auto [entry, is_new] = known.try_emplace(user);
    if (is_new) {
      for (const Candidate& partner : partners_of(user, circles)) entry->second.insert(partner.user);
    }
    return entry->second;
  };
  std::map<std::pair<UserId, UserId>, Pair> pairs;
  for (const UserId& user : users) {
    const std::map<UserId, Candidate> circle = circle_of(user, circles);
    for (const UserId& partner : partners(user)) {
      if (partners(partner).count(user) == 0) continue;
      const Candidate& first = circle.at(std::min(user, partner));
      const Candidate& second = circle.at(std::max(user, partner));
      pairs.emplace(std::pair(first.user, second.user), Pair{first, second});
    }
  }
  std::vector<Pair> out;
  for (auto& [ids, pair] : pairs) out.push_back(pair);
  return out;
}

}  // namespace weir::scoring
