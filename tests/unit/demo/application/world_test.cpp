// Who lives in the simulated application.
#include "demo/application/random.hpp"

#include "demo/application/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace weir;
using namespace weir::demo;

namespace {

World world_of(std::uint64_t seed, const Population& population = {}) {
  Random random(seed);
  return make_world(random, population);
}

}  // namespace

TEST_CASE("agents are spread evenly over the organizations, each of which has its users") {
  const World world = world_of(1);
  REQUIRE(world.organizations.size() == 3);
  REQUIRE(world.agents.size() == 60);
  std::map<Uuid, int> agents;
  for (const Agent& agent : world.agents) ++agents[agent.organization];
  for (const Organization& organization : world.organizations) {
    CHECK(organization.users.size() == 40);
    CHECK(agents[organization.id] == 20);
  }
}

TEST_CASE("a seed gives the same world again, another one another") {
  CHECK(world_of(7).agents.front().id == world_of(7).agents.front().id);
  CHECK(world_of(7).agents.front().id != world_of(8).agents.front().id);
}

TEST_CASE("more organizations than names are named in turns") {
  const World world = world_of(1, {.organizations = 6, .agents = 6, .users_per_organization = 1});
  CHECK(world.organizations[0].name == world.organizations[5].name);
  CHECK(world.organizations[0].id != world.organizations[5].id);
}
