// Reads the courses and achievements of organizations as they stand now, from learning_modules, module_prerequisites, learning_activities
// and achievements.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/scoring/pure/learner.hpp"

#include <map>
#include <set>
#include <vector>

namespace weir::scoring {

struct Curriculum {
  Course course;
  std::vector<Achievement> achievements;  // the library's included; without those whose condition cannot be read
};

/// One for each of these organizations.
[[nodiscard]] Result<std::map<OrganizationId, Curriculum>> read_curricula(postgres::Statements& connection,
                                                                          const std::set<OrganizationId>& organizations);

}  // namespace weir::scoring
