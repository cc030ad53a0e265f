// Sixty agents spread evenly over the organizations.
#include "demo/application/world.hpp"

#include <array>
#include <string_view>

namespace weir::demo {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kNames{"Northwind Care"sv, "Harbor Analytics"sv, "Juniper Studio"sv, "Atlas Freight"sv, "Lumen Clinic"sv};
constexpr std::array kAgentTypes{"researcher"sv, "writer"sv, "reviewer"sv, "planner"sv};

}  // namespace

World make_world(Random& random, const Population& population) {
  World world;
  for (int number = 0; number < population.organizations; ++number) {
    Organization organization{random.uuid(), std::string(kNames[static_cast<std::size_t>(number) % kNames.size()]), {}};
    for (int user = 0; user < population.users_per_organization; ++user) organization.users.push_back(random.uuid());
    world.organizations.push_back(std::move(organization));
  }
  for (int number = 0; number < population.agents; ++number) {
    const Organization& home = world.organizations[static_cast<std::size_t>(number % population.organizations)];
    const std::string_view type = kAgentTypes[random.below(kAgentTypes.size())];
    world.agents.push_back({random.uuid(), home.id, std::string(type) + "-" + std::to_string(number + 1), std::string(type)});
  }
  return world;
}

}  // namespace weir::demo
