// States the configuration of scoring; the code that runs a consumer is common to all.
#include "consumers/scoring/component.hpp"

#include "common/host/consumer_host.hpp"
#include "consumers/scoring/result_checks.hpp"
#include "consumers/scoring/traces.hpp"
#include "consumers/scoring/verification.hpp"

namespace weir::scoring {

namespace {

using config::Field;
using config::Type;

std::vector<Field> fields() {
  std::vector<Field> rows{
      {.key = "consumers.scoring.least_share",
       .type = Type::kReal,
       .help = "The share of a dimension's required items that must be answered for a score, for instruments that state none.",
       .fallback = "0.8",
       .minimum = "0",
       .maximum = "1"},
      {.key = "consumers.scoring.max_future",
       .type = Type::kDuration,
       .help = "A submission whose time lies further than this after its record's time is refused.",
       .fallback = "10m",
       .minimum = "0s",
       .maximum = "1d"},
      {.key = "consumers.scoring.topic_prefix",
       .type = Type::kText,
       .help =
           "Changes are read from PREFIX.public.assessment_responses, consents, project_members, projects, users, activity_completions, "
           "learning_modules, module_prerequisites, learning_activities and achievements.",
       .fallback = "weir.cdc"},
  };
  const std::vector<Field> keys = encryption::encryption_fields();
  rows.insert(rows.end(), keys.begin(), keys.end());
  return rows;
}

/// All but the keys.
Options keyless_options(const config::Configuration& configuration) {
  Options options;
  const std::string prefix = configuration.text("consumers.scoring.topic_prefix") + ".public.";
  options.topics = {.responses = prefix + "assessment_responses",
                    .consents = prefix + "consents",
                    .members = prefix + "project_members",
                    .projects = prefix + "projects",
                    .users = prefix + "users",
                    .completions = prefix + "activity_completions",
                    .modules = prefix + "learning_modules",
                    .prerequisites = prefix + "module_prerequisites",
                    .activities = prefix + "learning_activities",
                    .achievements = prefix + "achievements"};
  options.flush = host::flush_limits(configuration, "scoring");
  options.rules = {share_of(configuration.real("consumers.scoring.least_share")), configuration.duration("consumers.scoring.max_future")};
  return options;
}

bool names_master_key(const config::Configuration& configuration) {
  return configuration.has("encryption.master_key_file") || configuration.has("encryption.master_command");
}

/// Without a master key the component does not start. Whoever sets none may not mean to run it, so that a warning is enough.
process::Findings check_master_key(const config::Configuration& configuration) {
  const auto masters = encryption::master_keys(configuration);
  if (masters) return {process::fine("master key", "is there")};
  if (names_master_key(configuration)) {
    return {process::failed("master key", masters.error())};
  }
  return {process::failed("master key", FaultKind::kConfiguration, "is not set: weir scoring does not start without it",
                          "run weir keys init, and set encryption.master_key_file")};
}

/// Where no master key is named, all is compared that does not follow from answers.
Result<void> verify(process::Context& context, postgres::Statements& connection, const process::Period& period,
                    process::ResultDifferences& found) {
  const Options options =
      names_master_key(context.configuration) ? WEIR_TRY(options_from(context.configuration)) : keyless_options(context.configuration);
  return verify_results(connection, {options.rules, options.masters, options.group}, period, found);
}

}  // namespace

Result<Options> options_from(const config::Configuration& configuration) {
  Options options = keyless_options(configuration);
  options.masters = std::make_shared<const encryption::MasterKeys>(WEIR_TRY(encryption::master_keys(configuration)));
  return options;
}

process::Component scoring_component() {
  using process::TableUse;
  const std::string by_user = "user_id";
  return host::consumer_component(
      {.name = "scoring",
       .help =
           "Score assessments that users submit, with the error of each score, growth, attachment styles and alignments; keep progress, "
           "skill, streaks and achievements of learners.",
       .fields = fields(),
       .max_records = "5000",
       .tables = {{"public.users", TableUse::kFollows},
                  {"public.assessment_responses", TableUse::kFollowsWhole, by_user},
                  {"public.consents", TableUse::kFollowsWhole, by_user},
                  {"public.projects", TableUse::kFollows},
                  {"public.project_members", TableUse::kFollows, by_user},
                  {"public.activity_completions", TableUse::kFollowsWhole, by_user},
                  {"public.learning_modules", TableUse::kFollowsWhole},
                  {"public.module_prerequisites", TableUse::kFollows},
                  {"public.learning_activities", TableUse::kFollowsWhole},
                  {"public.achievements", TableUse::kFollowsWhole},
                  {"public.assessment_scores", TableUse::kWrites},
                  {"public.attachment_profiles", TableUse::kWrites},
                  {"public.growth_scores", TableUse::kWrites},
                  {"public.values_alignments", TableUse::kWrites},
                  {"public.module_progress", TableUse::kWrites},
                  {"public.learner_states", TableUse::kWrites},
                  {"public.achievements_unlocked", TableUse::kWrites},
                  {"public.activity_ratings", TableUse::kWrites},
                  {"weir.user_zones", TableUse::kWrites},
                  {"weir.learning_marks", TableUse::kWrites},
                  {"weir.achievement_holders", TableUse::kWrites},
                  {"weir.scoring_users", TableUse::kWrites},
                  {"weir.scoring_marks", TableUse::kWrites},
                  {"weir.scoring_progress", TableUse::kWrites}},
       .example = {{"encryption.master_key_file", "/var/lib/weir/master.key",
                    "Answers are encrypted. weir keys init makes the file; keep a copy where the database's backups are not."}},
       .rereading = {.is_exact = true},  // scores are computed from the rows as they are, and only what differs is written
       .results = result_checks(),
       .describe = [](const config::Configuration& configuration) { return description_of(keyless_options(configuration)); },
       .make = [](const config::Configuration& configuration) -> Result<host::MakeConsumer> {
         return [options = WEIR_TRY(options_from(configuration))] { return std::make_unique<ScoringConsumer>(options); };
       },
       .check = check_master_key,
       .has_made = [](const config::Configuration&, postgres::Statements& connection,
                      const runtime::Event& event) { return results_of(connection, event); },
       .origin = [](const config::Configuration& configuration, postgres::Statements& connection,
                    const process::RowToTrace& asked) { return origin_of(keyless_options(configuration).topics, connection, asked); },
       .verifies = verify});
}

}  // namespace weir::scoring
