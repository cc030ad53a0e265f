// What the decoders make of a record, ready for the consumer.
#pragma once

#include "common/core/uuid.hpp"
#include "common/runtime/event.hpp"

#include <optional>
#include <variant>

namespace weir::scoring {

/// A response changed: it is to be looked at as it stands.
struct ResponseChanged {
  OrganizationId organization;
  Uuid response;
  UserId user;
  std::optional<UserId> previous_user;  // where the change gave it to another user
  std::optional<Instant> submitted_at;  // of the row after the change
};

/// Whom a user may be compared with has changed: a consent, a membership, or the user's own row.
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
