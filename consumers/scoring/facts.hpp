// The facts that the decoders make of records for the consumer.
#pragma once

#include "common/core/uuid.hpp"
#include "common/runtime/event.hpp"

#include <optional>
#include <variant>

namespace weir::scoring {

/// A response changed, so the consumer looks at its present row.
struct ResponseChanged {
  OrganizationId organization;
  Uuid response;
  UserId user;
  std::optional<UserId> previous_user;  // set where the change gave the response to another user
  std::optional<Instant> submitted_at;  // of the row after the change
};

/// The set of users with whom a user may be compared has changed, by a consent, a membership, or the user's own row.
struct PersonChanged {
  OrganizationId organization;
  UserId user;
  std::optional<Uuid> project;  // of a membership
};

/// A project changed, and with it who shares it.
struct ProjectChanged {
  OrganizationId organization;
  Uuid project;
};

struct Fact final : runtime::Payload {
  using Body = std::variant<ResponseChanged, PersonChanged, ProjectChanged>;
  explicit Fact(Body what) : body(std::move(what)) {}
  Body body;
};

}  // namespace weir::scoring
