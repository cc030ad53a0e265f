// What the simulated application does: rows that it writes in one transaction, and actions that its users post.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace weir::demo {

struct Execution {
  Uuid id;
  Uuid organization;
  Uuid agent;
  std::optional<Uuid> user;
  std::string task_type;
  std::string status = "queued";
  int progress = 0;
  std::optional<Instant> started_at;
  std::optional<Instant> completed_at;
  std::optional<double> execution_time_ms;
  std::optional<double> memory_mb;
  std::optional<double> cpu_percent;
  std::optional<double> quality_score;
  std::optional<double> confidence_score;
  std::optional<int> user_rating;
  std::optional<std::string> error_message;
  Instant created_at{};
  Instant updated_at{};
};

struct InsertExecution {
  Execution row;
};
struct UpdateExecution {
  Execution row;
};
struct DeleteExecution {
  Uuid id;
};
struct SetAgentStatus {
  Uuid agent;
  std::string status;
  Instant at{};
};

struct Task {
  Uuid id;
  Uuid organization;
  std::optional<Uuid> user;
  std::string agent_type;
  std::string status = "queued";
  int priority = 0;
  Instant enqueued_at{};
  Instant updated_at{};
};
struct InsertTask {
  Task row;
};
struct UpdateTask {
  Task row;
};

using Change = std::variant<InsertExecution, UpdateExecution, DeleteExecution, SetAgentStatus, InsertTask, UpdateTask>;
/// Changes that are committed together.
using Transaction = std::vector<Change>;

/// A CloudEvent to post, and what the gateway must answer.
struct Post {
  Uuid organization;
  std::string id;
  std::string action;  // data.action
  Uuid user;
  std::string session;
  Instant time{};
  std::string body;
  bool broken = false;  // the answer is 422 and nothing is written; otherwise 202, also for a repeated event
};

}  // namespace weir::demo
