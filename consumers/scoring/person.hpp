// A user within an organization, and pairs of this form as parameters of a statement.
#pragma once

#include "common/core/uuid.hpp"
#include "common/postgres/statements.hpp"

#include <utility>
#include <vector>

namespace weir::scoring {

using Person = std::pair<OrganizationId, UserId>;

/// Pairs of an organization and something of it, as the parameters $1 and $2 of a statement.
template <class Pairs>
[[nodiscard]] postgres::Params params_of_pairs(const Pairs& pairs) {
  std::vector<Uuid> organizations;
  std::vector<Uuid> others;
  for (const auto& [organization, other] : pairs) {
    organizations.push_back(organization.value);
    if constexpr (requires { other.value; }) {
      others.push_back(other.value);
    } else {
      others.push_back(other);
    }
  }
  return postgres::Params{}.add_array(organizations).add_array(others);
}

}  // namespace weir::scoring
