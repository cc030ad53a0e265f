// What professionals see of their clients as a group, and of no client alone.
//
// A mean of six and a mean of the five who are left give the sixth's score by subtraction. So figures are not computed when they are asked
// for. They are released once a week and kept. Each release covers at least five clients who consent. It replaces the one before only where
// its members, set against those of every earlier release, are the same or differ by five or more (those who joined and those who left,
// together). So whatever two releases are added or subtracted, at least five people's scores stay mixed. Means are rounded to whole points
// and standard deviations to steps of five: with exact ones, two releases of the same members, of whom one was scored anew, would be two
// equations with that person's two scores as the only unknowns.
#pragma once

#include "common/core/uuid.hpp"

#include <optional>
#include <span>
#include <vector>

namespace weir::insights {

inline constexpr std::size_t kLeastMembers = 5;
inline constexpr std::size_t kLeastDifference = 5;
inline constexpr double kMeanStep = 1;
inline constexpr double kDeviationStep = 5;

/// Sorted, each once.
using Members = std::vector<Uuid>;

/// A client who consents, with the newest score of the dimension.
struct MemberScore {
  Uuid member;
  double score = 0;
};

struct Release {
  Members members;
  double mean = 0;
  double deviation = 0;
  friend bool operator==(const Release&, const Release&) = default;
};

/// How many people are in one of the two and not in both.
[[nodiscard]] std::size_t difference_of(const Members& a, const Members& b);

/// The release over these people, in any order, each once; none where it must not be made. `earlier` are the members of all releases
/// before.
[[nodiscard]] std::optional<Release> release_of(std::span<const MemberScore> people, std::span<const Members> earlier);

}  // namespace weir::insights
