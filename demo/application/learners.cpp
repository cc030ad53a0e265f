#include "demo/application/learners.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace weir::demo {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kUsersOfOrganization = 12;  // of each organization, so that some users reach what achievements ask for
constexpr int kActivitiesOfModule = 4;            // the last activity may be left out
constexpr double kCompletes = 0.8;
constexpr double kCorrects = 0.87;
constexpr double kTakesBack = 0.93;
constexpr double kMoves = 0.97;
constexpr double kSucceeds = 0.7;
constexpr double kHasScore = 0.4;
constexpr double kEarlier = 0.8;
constexpr std::int64_t kEarliestHours = 30 * 24;
constexpr std::int64_t kEasiest = 800;
constexpr std::int64_t kHardest = 1'600;

/// Postgres takes the third name for an abbreviation; the fourth is no zone.
constexpr std::array kZones{"Europe/Berlin"sv, "Pacific/Kiritimati"sv, "CET"sv, "Mars/Olympus"sv, "America/St_Johns"sv, "Asia/Kathmandu"sv};
constexpr std::string_view kNoZone = "Mars/Olympus";
constexpr std::string_view kFirstZone = "UTC";  // users.time_zone of a user for whom nothing else is set

struct Rule {
  std::string_view key;
  std::string_view condition;
  std::int64_t points;
};
constexpr std::array kRules{Rule{"first_step", R"({"activities_completed": 1})", 5},
                            Rule{"busy", R"({"activities_completed": 8})", 20},
                            Rule{"module", R"({"modules_completed": 1})", 25},
                            Rule{"three_days", R"({"streak_days": 3})", 15},
                            Rule{"collector", R"({"points": 60})", 0},
                            Rule{"skilled", R"({"skill": 1230})", 40}};

std::string counted(std::string_view zone) { return std::string(zone == kNoZone ? "UTC" : zone); }

}  // namespace

Result<void> Learners::gather() {
  return session_.committed([&](pqxx::transaction_base& transaction) {
    for (const Organization& organization : world_.organizations) {
      Course& course = courses_.emplace_back();
      for (const std::vector<std::size_t>& prerequisites : {std::vector<std::size_t>{}, {0}, {0}, {1, 2}}) {
        make_module(transaction, organization, course, prerequisites);
      }
      make_achievements(transaction, organization);
      for (std::size_t user = 0; user < organization.users.size(); ++user) {
        const bool elsewhere = user % 3 == 1;
        const std::string_view zone = elsewhere ? kZones[random_.below(kZones.size())] : kFirstZone;
        if (elsewhere) {
          execute(transaction, "UPDATE public.users SET time_zone = $2 WHERE id = $1", {organization.users[user], zone});
        }
        zones_.push_back({organization.users[user], Instant{}, counted(zone)});
      }
    }
  });
}

void Learners::make_module(pqxx::transaction_base& transaction, const Organization& organization, Course& course,
                           std::vector<std::size_t> prerequisites) {
  const Uuid module = random_.uuid();
  const std::size_t place = course.modules.size();
  execute(transaction, R"sql(
INSERT INTO public.learning_modules (id, organization_id, key, title, position, is_published)
VALUES ($1, $2, 'module_' || $3::text, 'Module ' || $3::text, $3::integer, true))sql",
          {module, organization.id, place});
  for (const std::size_t prerequisite : prerequisites) {
    execute(transaction, "INSERT INTO public.module_prerequisites (organization_id, module_id, prerequisite_id) VALUES ($1, $2, $3)",
            {organization.id, module, course.modules[prerequisite]});
  }
  for (int number = 1; number <= kActivitiesOfModule; ++number) {
    const Uuid activity = random_.uuid();
    execute(transaction, R"sql(
INSERT INTO public.learning_activities (id, organization_id, module_id, kind, title, difficulty_rating, points, required, position)
VALUES ($1, $2, $3, 'exercise', 'Exercise ' || $4::text, $5, $6, $7::boolean, $4::integer))sql",
            {activity, organization.id, module, number, random_.between(kEasiest, kHardest), 5 * number,
             number < kActivitiesOfModule ? "true" : "false"});
    course.activities.push_back(activity);
  }
  course.modules.push_back(module);
}

void Learners::make_achievements(pqxx::transaction_base& transaction, const Organization& organization) {
  for (const Rule& rule : kRules) {
    execute(transaction, R"sql(
INSERT INTO public.achievements (id, organization_id, key, name, condition, points)
VALUES ($1, $2, $3, initcap(replace($3, '_', ' ')), $4, $5))sql",
            {random_.uuid(), organization.id, rule.key, rule.condition, rule.points});
  }
}

const Uuid& Learners::any_user(const Organization& organization) {
  return organization.users[random_.below(std::min(kUsersOfOrganization, organization.users.size()))];
}

Parameter Learners::any_score() {
  if (!random_.chance(kHasScore)) return std::nullopt;
  return random_.unit();
}

Result<void> Learners::act(Instant now) {
  const double what = random_.unit();
  if (what < kCompletes || done_.empty()) return complete(now);
  const std::size_t number = random_.below(done_.size());
  if (what < kCorrects) return correct(done_[number]);
  if (what < kTakesBack) return take_back(number);
  return what < kMoves ? move(now) : teach_otherwise(now);
}

Result<void> Learners::complete(Instant now) {
  const std::size_t number = random_.below(world_.organizations.size());
  const Organization& organization = world_.organizations[number];
  const Course& course = courses_[number];
  const Uuid id = random_.uuid();
  const bool succeeded = random_.chance(kSucceeds);
  const Parameter score = any_score();
  const Instant completed_at = random_.chance(kEarlier) ? now - std::chrono::hours{random_.between(1, kEarliestHours)} : now;
  WEIR_TRY(session_.ask(R"sql(
INSERT INTO public.activity_completions (id, organization_id, user_id, activity_id, succeeded, score, completed_at)
VALUES ($1, $2, $3, $4, $5::boolean, $6, $7))sql",
                        {id, organization.id, any_user(organization), course.activities[random_.below(course.activities.size())],
                         succeeded ? "true" : "false", score, completed_at}));
  done_.push_back({id, number});
  ++completions_;
  return {};
}

Result<void> Learners::correct(const Completion& completion) {
  WEIR_TRY(session_.ask("UPDATE public.activity_completions SET succeeded = NOT succeeded, score = $2 WHERE id = $1",
                        {completion.id, any_score()}));
  return {};
}

Result<void> Learners::take_back(std::size_t number) {
  WEIR_TRY(session_.ask("DELETE FROM public.activity_completions WHERE id = $1", {done_[number].id}));
  std::swap(done_[number], done_.back());
  done_.pop_back();
  return {};
}

Result<void> Learners::move(Instant now) {
  const Organization& organization = world_.organizations[random_.below(world_.organizations.size())];
  const Uuid& user = any_user(organization);
  const std::string_view zone = kZones[random_.below(kZones.size())];
  WEIR_TRY(session_.ask("UPDATE public.users SET time_zone = $2, updated_at = $3 WHERE id = $1", {user, zone, now}));
  zones_.push_back({user, now, counted(zone)});
  return {};
}

Result<void> Learners::teach_otherwise(Instant now) {
  const std::size_t number = random_.below(courses_.size());
  const Course& course = courses_[number];
  const Uuid& module = course.modules[random_.below(course.modules.size())];
  const Uuid& activity = course.activities[random_.below(course.activities.size())];
  const double what = random_.unit();
  if (what < 0.3) {
    WEIR_TRY(session_.ask("UPDATE public.learning_activities SET difficulty_rating = $2, points = $3 WHERE id = $1",
                          {activity, random_.between(kEasiest, kHardest), random_.between(0, 20)}));
  } else if (what < 0.5) {
    WEIR_TRY(session_.ask(
        "UPDATE public.learning_activities SET deleted_at = CASE WHEN deleted_at IS NULL THEN $2::timestamptz END WHERE id = $1",
        {activity, now}));
  } else if (what < 0.7) {
    WEIR_TRY(session_.ask("UPDATE public.learning_modules SET is_published = NOT is_published WHERE id = $1", {module}));
  } else if (what < 0.85) {
    WEIR_TRY(session_.ask("UPDATE public.learning_activities SET required = NOT required WHERE id = $1", {activity}));
  } else {
    WEIR_TRY(session_.ask(R"sql(
UPDATE public.achievements
   SET deleted_at = CASE WHEN deleted_at IS NULL THEN $3::timestamptz END
 WHERE organization_id = $1 AND key = $2)sql",
                          {world_.organizations[number].id, kRules[random_.below(kRules.size())].key, now}));
  }
  return {};
}

}  // namespace weir::demo
