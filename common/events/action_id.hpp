// The identity of an action, for the keys of results.
#pragma once

#include "common/core/uuid.hpp"

#include <string_view>

namespace weir::events {

/// The identity that duplicates of an action share: uuid5 over (organization, source, id), each with its length.
[[nodiscard]] Uuid action_event_id(OrganizationId organization, std::string_view source, std::string_view id);

}  // namespace weir::events
