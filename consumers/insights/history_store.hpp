// The SQL of histories: what is read about users and about agents, for many of them at once.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/insights/pure/history.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace weir::insights {

/// A user whose history is wanted.
struct Person {
  OrganizationId organization;
  UserId user;
  std::string zone = {};  // as AT TIME ZONE takes it
};

/// A history of each of these people, each of whom stands there once.
[[nodiscard]] Result<std::map<UserId, History>> read_histories(postgres::Statements& connection, std::span<const Person> people,
                                                               Instant now);

/// The agents of each organization that did anything lately.
[[nodiscard]] Result<std::map<OrganizationId, std::vector<AgentHistory>>> read_agents(postgres::Statements& connection,
                                                                                      std::span<const OrganizationId> organizations,
                                                                                      Instant now);

}  // namespace weir::insights
