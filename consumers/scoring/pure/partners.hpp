// Decides who is compared with whom: users who share a project, each with those whose submissions are the newest.
#pragma once

#include "common/core/uuid.hpp"
#include "consumers/scoring/pure/results.hpp"

#include <map>
#include <set>
#include <vector>

namespace weir::scoring {

/// The most partners that a user has.
inline constexpr std::size_t kMostPartners = 200;

/// A member of a project who may be compared: consents, is not deleted, and has a scored submission of the instrument.
struct Candidate {
  UserId user;
  Place newest;  // the newest of these submissions
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

/// The candidates of one instrument. Of each project the kMostPartners + 1 newest candidates are listed, the newest first. No other member
/// of the project can be a partner, because each listed user already has kMostPartners newer candidates there.
struct Circles {
  std::map<UserId, std::set<Uuid>> projects_of;          // live projects of each user
  std::map<Uuid, std::vector<Candidate>> candidates_of;  // of each project
};

/// A user's partners, the newest first; none for a user who is no candidate anywhere.
[[nodiscard]] std::vector<Candidate> partners_of(const UserId& user, const Circles& circles);

/// Two users are compared where each is among the other's partners.
struct Pair {
  Candidate first;  // the user whose id is lower
  Candidate second;
};

/// The pairs of these users that are compared. `circles` has their projects, the projects of their partners, and the candidates of both.
[[nodiscard]] std::vector<Pair> pairs_of(const std::set<UserId>& users, const Circles& circles);

}  // namespace weir::scoring
