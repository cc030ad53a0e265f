// What a call would send, for people: every byte that says something of a user, as the provider would get it.
#pragma once

#include "consumers/insights/providers/outgoing.hpp"

#include <string>

namespace weir::insights {

[[nodiscard]] std::string preview(const OrganizationId& organization, const Outgoing& outgoing);

}  // namespace weir::insights
