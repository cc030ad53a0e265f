// Who lives in the simulated application: organizations with their users and agents. Made from a seed; pure.
#pragma once

#include "common/core/uuid.hpp"
#include "demo/application/random.hpp"

#include <string>
#include <vector>

namespace weir::demo {

struct Organization {
  Uuid id;
  std::string name;
  std::vector<Uuid> users;
};

struct Agent {
  Uuid id;
  Uuid organization;
  std::string name;
  std::string agent_type;
};

struct World {
  std::vector<Organization> organizations;
  std::vector<Agent> agents;
};

struct Population {
  int organizations = 3;
  int agents = 60;
  int users_per_organization = 40;
};

[[nodiscard]] World make_world(Random& random, const Population& population);

}  // namespace weir::demo
