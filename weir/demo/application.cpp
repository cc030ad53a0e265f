// SQL as any application would write it.
#include "weir/demo/application.hpp"

namespace weir::demo {

Result<void> Application::found(const World& world) {
  WEIR_TRY(connection_.begin());
  for (const Organization& organization : world.organizations) {
    WEIR_TRY(connection_.execute("demo_organization", "INSERT INTO public.organizations (id, name) VALUES ($1, $2)",
                                 postgres::Params().add(organization.id).add(organization.name)));
    for (const Uuid& user : organization.users) {
      WEIR_TRY(connection_.execute("demo_user",
                                   "INSERT INTO public.users (id, organization_id, email, role) VALUES ($1, $2, $3, 'professional')",
                                   postgres::Params().add(user).add(organization.id).add(user.text() + "@demo.invalid")));
    }
  }
  return connection_.commit();
}

Result<void> Application::employ(const World& world, Instant now) {
  WEIR_TRY(connection_.begin());
  for (const Agent& agent : world.agents) {
    WEIR_TRY(connection_.execute("demo_agent",
                                 "INSERT INTO public.agent_instances (id, organization_id, name, agent_type, status, status_changed_at, "
                                 "created_at, updated_at) VALUES ($1, $2, $3, $4, 'idle', $5, $5, $5)",
                                 postgres::Params().add(agent.id).add(agent.organization).add(agent.name).add(agent.agent_type).add(now)));
    ++changes_;
  }
  return connection_.commit();
}

Result<void> Application::write(const Transaction& transaction) {
  WEIR_TRY(connection_.begin());
  for (const Change& change : transaction) {
    WEIR_TRY(std::visit([this](const auto& one) { return apply(one); }, change));
  }
  WEIR_TRY(connection_.commit());
  ++transactions_;
  changes_ += transaction.size();
  return {};
}

Result<void> Application::apply(const InsertExecution& change) {
  const Execution& row = change.row;
  WEIR_TRY(connection_.execute(
      "demo_insert_execution",
      "INSERT INTO public.agent_executions (id, organization_id, agent_id, user_id, task_type, status, progress, input, created_at, "
      "updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, '{\"prompt\": \"as asked\"}', $8, $9)",
      postgres::Params()
          .add(row.id)
          .add(row.organization)
          .add(row.agent)
          .add(row.user)
          .add(row.task_type)
          .add(row.status)
          .add(row.progress)
          .add(row.created_at)
          .add(row.updated_at)));
  return {};
}

Result<void> Application::apply(const UpdateExecution& change) {
  const Execution& row = change.row;
  WEIR_TRY(connection_.execute(
      "demo_update_execution",
      "UPDATE public.agent_executions SET status = $2, progress = $3, started_at = $4, completed_at = $5, execution_time_ms = $6, "
      "memory_mb = $7, cpu_percent = $8, quality_score = $9, confidence_score = $10, user_rating = $11::bigint, error_message = $12, "
      "updated_at = $13 WHERE id = $1",
      postgres::Params()
          .add(row.id)
          .add(row.status)
          .add(row.progress)
          .add(row.started_at)
          .add(row.completed_at)
          .add(row.execution_time_ms)
          .add(row.memory_mb)
          .add(row.cpu_percent)
          .add(row.quality_score)
          .add(row.confidence_score)
          .add(row.user_rating)
          .add(row.error_message)
          .add(row.updated_at)));
  return {};
}

Result<void> Application::apply(const DeleteExecution& change) {
  WEIR_TRY(
      connection_.execute("demo_delete_execution", "DELETE FROM public.agent_executions WHERE id = $1", postgres::Params().add(change.id)));
  return {};
}

Result<void> Application::apply(const SetAgentStatus& change) {
  WEIR_TRY(connection_.execute("demo_agent_status",
                               "UPDATE public.agent_instances SET status = $2, status_changed_at = $3, updated_at = $3 WHERE id = $1",
                               postgres::Params().add(change.agent).add(change.status).add(change.at)));
  return {};
}

Result<void> Application::apply(const InsertTask& change) {
  const Task& row = change.row;
  WEIR_TRY(connection_.execute("demo_insert_task",
                               "INSERT INTO public.agent_task_queue (id, organization_id, user_id, agent_type, status, priority, "
                               "enqueued_at, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
                               postgres::Params()
                                   .add(row.id)
                                   .add(row.organization)
                                   .add(row.user)
                                   .add(row.agent_type)
                                   .add(row.status)
                                   .add(row.priority)
                                   .add(row.enqueued_at)
                                   .add(row.updated_at)));
  return {};
}

Result<void> Application::apply(const UpdateTask& change) {
  WEIR_TRY(connection_.execute("demo_update_task", "UPDATE public.agent_task_queue SET status = $2, updated_at = $3 WHERE id = $1",
                               postgres::Params().add(change.row.id).add(change.row.status).add(change.row.updated_at)));
  return {};
}

}  // namespace weir::demo
