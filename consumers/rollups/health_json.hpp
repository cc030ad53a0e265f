// Health as JSON, on its way to Postgres.
#pragma once

#include "common/core/json.hpp"
#include "consumers/rollups/pure/health.hpp"

namespace weir::rollups {

/// Adds the members that the health of an organization and that of the whole system have.
void put_health(JsonWriter& json, const HealthInputs& in, const Health& health);
void put_issue(JsonWriter& json, const Issue& issue);

}  // namespace weir::rollups
