// Whom findings are about: a user, or the agents of an organization.
#pragma once

#include "common/core/uuid.hpp"

#include <optional>

namespace weir::insights {

struct Subject {
  OrganizationId organization;
  std::optional<UserId> user;  // none: the organization's agents
  friend auto operator<=>(const Subject&, const Subject&) = default;
};

/// Id of the intent that an event opens: the same event opens the same intent, however often its batch is tried.
[[nodiscard]] Uuid intent_id(const Subject& subject, const Uuid& event);

}  // namespace weir::insights
