// The verification of learning: what weir scoring made of completions, against SQL over what the application wrote.
#pragma once

#include "demo/clients/given_zones.hpp"
#include "demo/witness/verify.hpp"

#include <span>

namespace weir::demo {

/// "" once nobody's progress, no difficulty and no count of holders is still to be computed; else what is waited for.
[[nodiscard]] Result<std::string> unsettled_learning(SqlSession& session);

/// Adds to the verdict what differs in learners' states, progress, achievements, their holders and difficulties. `zones` are all that users
/// had, each user's in order.
[[nodiscard]] Result<void> verify_learning(SqlSession& session, std::span<const GivenZone> zones, Verdict& verdict);

}  // namespace weir::demo
