// The facts that the decoders make of records for the consumer.
#pragma once

#include "common/core/uuid.hpp"
#include "common/runtime/event.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace weir::scoring {

/// A response changed, so the consumer looks at its present row.
struct ResponseChanged {
  OrganizationId organization;
  Uuid response;
  UserId user;
  std::optional<UserId> previous_user;  // set where the change gave the response to another user
  std::optional<Instant> submitted_at;  // of the row after the change
};

/// The set of users with whom a user may be compared has changed, by a consent or a membership.
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

/// A user's own row changed: its deletion mark, the parent's consent or the time zone.
struct UserChanged {
  OrganizationId organization;
  UserId user;
  std::string time_zone;
  Instant updated_at{};
  bool is_snapshot = false;
};

struct UserGone {
  UserId user;
};

/// A completion was inserted, updated or deleted. Its user and the difficulty of its activity are computed anew.
struct CompletionChanged {
  OrganizationId organization;
  UserId user;
  Uuid activity;
  std::optional<UserId> previous_user{};    // where the change gave it to another user
  std::optional<Uuid> previous_activity{};  // or to another activity
  bool is_snapshot = false;
  bool has_no_date = false;  // completed_at is infinite, or in no year that a calendar has
};

/// A module, a prerequisite or an activity changed, and with it the progress of learners.
struct CourseChanged {
  OrganizationId organization;
  std::vector<Uuid> modules;       // those that the change names
  std::optional<Uuid> activity{};  // of an activity
};

struct AchievementChanged {
  Uuid achievement;
  std::optional<runtime::Dead> refusal{};  // its condition cannot be read, so nobody has it
};

struct Fact final : runtime::Payload {
  using Body = std::variant<ResponseChanged, PersonChanged, ProjectChanged, UserChanged, UserGone, CompletionChanged, CourseChanged,
                            AchievementChanged>;
  explicit Fact(Body what) : body(std::move(what)) {}
  Body body;
};

}  // namespace weir::scoring
