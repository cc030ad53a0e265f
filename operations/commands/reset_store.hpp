// `weir offsets reset` in Postgres: the places of a group, and the one transaction that moves them.
#pragma once

#include "common/postgres/connection.hpp"
#include "operations/commands/reset_plan.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weir::operations {

/// Without a topic all topics of the group, without a partition all of the topic.
struct ResetFilter {
  std::string group;
  std::optional<std::string> topic;
  std::optional<std::int32_t> partition;
  std::vector<std::string> without;  // topics that are left out
};

/// By topic and partition.
[[nodiscard]] Result<std::vector<ResetPlace>> reset_places(postgres::Connection& connection, const ResetFilter& filter);

struct ResetDecision {
  std::string asked;  // "--to-time 2026-11-28T00:00:00Z"
  std::string by;
  std::string why;
};
/// Locks the places, plans them anew by `plan` and moves those that move, each with a row of weir.operator_actions. Returns the steps.
/// Fault kData, and nothing is moved: one of the steps is hindered.
[[nodiscard]] Result<std::vector<ResetStep>> reset(
    postgres::Connection& connection, const ResetFilter& filter,
    const std::function<Result<std::vector<ResetStep>>(const std::vector<ResetPlace>&)>& plan, const ResetDecision& decision);

}  // namespace weir::operations
