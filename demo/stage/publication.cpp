#include "demo/stage/publication.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace weir::demo {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kPublished{"public.users"sv,
                                "public.agent_executions"sv,
                                "public.agent_instances"sv,
                                "public.agent_task_queue"sv,
                                "public.assessment_responses"sv,
                                "public.consents"sv,
                                "public.projects"sv,
                                "public.project_members"sv,
                                "public.activity_completions"sv,
                                "public.learning_modules"sv,
                                "public.module_prerequisites"sv,
                                "public.learning_activities"sv,
                                "public.achievements"sv,
                                "public.connectors"sv,
                                "public.notification_destinations"sv,
                                "public.alerts"sv,
                                "weir.outbox"sv,
                                "weir.audit_heads"sv};
/// Of these tables some columns alone, as deploy/roles.sql has them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kPublishedInPart{
    {{"public.assessment_scores", "{organization_id,response_id,dimension,user_id,assessment_id,submitted_at,created_at,updated_at}"},
     {"public.growth_scores", "{organization_id,response_id,dimension,user_id,previous_response_id,submitted_at,created_at,updated_at}"},
     {"public.attachment_profiles", "{organization_id,response_id,user_id,created_at,updated_at}"},
     {"public.achievements_unlocked", "{organization_id,user_id,achievement_id,unlocked_at,created_at,updated_at}"},
     {"public.insights", "{id,organization_id,user_id,kind,audience,created_at,updated_at}"},
     {"public.files", "{id,organization_id,uploaded_by,mime_type,file_size,status,created_at,updated_at}"}}};

}  // namespace

std::vector<std::string> published_tables() { return {kPublished.begin(), kPublished.end()}; }

Result<void> publish_tables(postgres::Connection& owner) {
  const std::vector<std::string> tables = published_tables();
  WEIR_TRY(owner.query("demo_publish", "SELECT weir.publish($1::regclass[])", postgres::Params().add_array(tables)));
  for (const auto& [table, columns] : kPublishedInPart) {
    WEIR_TRY(owner.query("demo_publish_columns", "SELECT weir.publish_columns($1::regclass, $2::name[])",
                         postgres::Params().add(table).add(columns)));
  }
  return {};
}

}  // namespace weir::demo
