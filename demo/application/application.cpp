// SQL as any application would write it.
#include "demo/application/application.hpp"

namespace weir::demo {

namespace {

class Writer {
 public:
  explicit Writer(pqxx::transaction_base& transaction) : transaction_(transaction) {}

  void operator()(const InsertExecution& change) const {
    const Execution& row = change.row;
    execute(transaction_, R"sql(
INSERT INTO public.agent_executions (id, organization_id, agent_id, user_id, task_type, status, progress, input, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, '{"prompt": "as asked"}', $8, $9))sql",
            {row.id, row.organization, row.agent, row.user, row.task_type, row.status, row.progress, row.created_at, row.updated_at});
  }

  void operator()(const UpdateExecution& change) const {
    const Execution& row = change.row;
    execute(transaction_, R"sql(
UPDATE public.agent_executions
   SET status = $2, progress = $3, started_at = $4, completed_at = $5, execution_time_ms = $6, memory_mb = $7, cpu_percent = $8,
       quality_score = $9, confidence_score = $10, user_rating = $11, error_message = $12, updated_at = $13
 WHERE id = $1)sql",
            {row.id, row.status, row.progress, row.started_at, row.completed_at, row.execution_time_ms, row.memory_mb, row.cpu_percent,
             row.quality_score, row.confidence_score, row.user_rating, row.error_message, row.updated_at});
  }

  void operator()(const DeleteExecution& change) const {
    execute(transaction_, "DELETE FROM public.agent_executions WHERE id = $1", {change.id});
  }

  void operator()(const SetAgentStatus& change) const {
    execute(transaction_, "UPDATE public.agent_instances SET status = $2, status_changed_at = $3, updated_at = $3 WHERE id = $1",
            {change.agent, change.status, change.at});
  }

  void operator()(const InsertTask& change) const {
    const Task& row = change.row;
    execute(transaction_, R"sql(
INSERT INTO public.agent_task_queue (id, organization_id, user_id, agent_type, status, priority, enqueued_at, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8))sql",
            {row.id, row.organization, row.user, row.agent_type, row.status, row.priority, row.enqueued_at, row.updated_at});
  }

  void operator()(const UpdateTask& change) const {
    execute(transaction_, "UPDATE public.agent_task_queue SET status = $2, updated_at = $3 WHERE id = $1",
            {change.row.id, change.row.status, change.row.updated_at});
  }

 private:
  pqxx::transaction_base& transaction_;
};

/// Of four users one wants no Pusher messages about tasks, one a digest of those that matter little, and one rest all day long.
constexpr const char* kPreferences = R"sql(
INSERT INTO public.notification_preferences (organization_id, user_id, template_group, channel, is_enabled, digest_minutes, quiet_from, quiet_until)
SELECT u.organization_id, u.id, p.template_group, p.channel, p.is_enabled, p.digest_minutes, p.quiet_from, p.quiet_until
  FROM (SELECT *, row_number() OVER (PARTITION BY organization_id ORDER BY id) AS place FROM public.users) u
  JOIN (VALUES (1, 'task', 'pusher', false, NULL, NULL::time, NULL::time),
               (2, 'task', 'in_app', true, 1, NULL, NULL),
               (3, '', '', true, NULL, '00:00', '23:59'))
       p (place, template_group, channel, is_enabled, digest_minutes, quiet_from, quiet_until) ON p.place = u.place % 4)sql";

/// Whom the application tells of failed tasks beside what ships with weir: by mail the user, and over webhooks those who follow the
/// organization, two of its users. A rule is a row, so that neither needs a build.
constexpr const char* kRules = R"sql(
INSERT INTO public.notification_rules
  (name, source_topic, condition, template_key, audience, subject_type, subject_column, channels, priority, variables)
SELECT added.name, r.source_topic, r.condition, r.template_key, added.audience, added.subject_type, added.subject_column, added.channels, r.priority,
       r.variables
  FROM public.notification_rules r
 CROSS JOIN (VALUES ('A task failed, by mail', 'user', NULL, NULL, '{email}'::text[]),
                    ('A task of the organization failed', 'followers', 'organization', 'organization_id', '{webhook}'))
       added (name, audience, subject_type, subject_column, channels)
 WHERE r.organization_id IS NULL AND r.key = 'task.failed')sql";

constexpr const char* kSubscriptions = R"sql(
INSERT INTO public.notification_subscriptions (organization_id, user_id, subject_type, subject_id)
SELECT organization_id, id, 'organization', organization_id
  FROM (SELECT *, row_number() OVER (PARTITION BY organization_id ORDER BY id) AS place FROM public.users) u
 WHERE place <= 2)sql";

}  // namespace

Result<void> Application::found(const World& world) {
  return session_.committed([&](pqxx::transaction_base& transaction) {
    for (const Organization& organization : world.organizations) {
      execute(transaction, "INSERT INTO public.organizations (id, name) VALUES ($1, $2)", {organization.id, organization.name});
      for (const Uuid& user : organization.users) {
        execute(transaction, "INSERT INTO public.users (id, organization_id, email, role) VALUES ($1, $2, $3, 'professional')",
                {user, organization.id, user.text() + "@demo.invalid"});
      }
    }
    transaction.exec(kPreferences);
    transaction.exec(kRules);
    transaction.exec(kSubscriptions);
  });
}

Result<void> Application::employ(const World& world, Instant now) {
  WEIR_TRY(session_.committed([&](pqxx::transaction_base& transaction) {
    for (const Agent& agent : world.agents) {
      execute(transaction, R"sql(
INSERT INTO public.agent_instances (id, organization_id, name, agent_type, status, status_changed_at, created_at, updated_at)
VALUES ($1, $2, $3, $4, 'idle', $5, $5, $5))sql",
              {agent.id, agent.organization, agent.name, agent.agent_type, now});
    }
  }));
  changes_ += world.agents.size();
  return {};
}

Result<void> Application::write(const Transaction& changes) {
  WEIR_TRY(session_.committed([&](pqxx::transaction_base& transaction) {
    for (const Change& change : changes) std::visit(Writer(transaction), change);
  }));
  ++transactions_;
  changes_ += changes.size();
  return {};
}

}  // namespace weir::demo
