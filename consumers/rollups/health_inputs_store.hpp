// Reads what the health of windows is computed from, by a few statements for all of them.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/pure/health.hpp"
#include "consumers/rollups/pure/window_marks.hpp"

#include <map>
#include <span>

namespace weir::rollups {

using SettingsByOrganization = std::map<OrganizationId, HealthSettings>;

/// The settings of the organizations that set their own, over the defaults.
[[nodiscard]] Result<SettingsByOrganization> read_settings(postgres::Statements& connection, std::span<const OrganizationId> organizations,
                                                           const HealthSettings& defaults);

/// The inputs of each window that has any. `windows` are ascending. Only agents that may have an issue by the settings are among them.
[[nodiscard]] Result<std::map<OrganizationWindow, HealthInputs>> read_health_inputs(postgres::Statements& connection,
                                                                                    std::span<const OrganizationWindow> windows,
                                                                                    const SettingsByOrganization& settings,
                                                                                    const HealthSettings& defaults);

}  // namespace weir::rollups
