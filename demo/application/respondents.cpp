#include "demo/application/respondents.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::demo {

namespace {

constexpr std::size_t kUsersOfOrganization = 12;  // of each organization, so that some users answer the same assessment again
constexpr double kLeavesOut = 0.06;
constexpr double kRefused = 0.03;
constexpr double kLate = 0.1;
constexpr double kSubmits = 0.72;
constexpr double kCorrects = 0.86;
constexpr double kWithdraws = 0.93;
constexpr std::int64_t kLatestHours = 72;
constexpr std::int64_t kLongestSeconds = 900;
constexpr std::int64_t kBeyondScale = 7;

Parameter some_time_before(Instant now, Random& random) { return now - std::chrono::hours{random.between(1, kLatestHours)}; }

}  // namespace

Result<void> Respondents::gather(Instant now) {
  const auto rows = WEIR_TRY(session_.ask(R"sql(
SELECT a.id, a.instrument_version, i.code, i.scale_min, i.scale_max
  FROM public.assessments a
  JOIN public.assessment_items i ON i.assessment_id = a.id
 WHERE a.status = 'published' AND a.organization_id IS NULL
 ORDER BY a.key, i.position, i.code)sql"));
  for (const auto& row : rows) {
    const Uuid id = *Uuid::parse(row[0].c_str());
    if (assessments_.empty() || assessments_.back().id != id) assessments_.push_back({id, row[1].as<std::int64_t>(), {}});
    assessments_.back().items.push_back({row[2].as<std::string>(), row[3].as<std::int64_t>(), row[4].as<std::int64_t>()});
  }
  return session_.committed([&](pqxx::transaction_base& transaction) {
    for (const Organization& organization : world_.organizations) {
      const Uuid project = random_.uuid();
      execute(transaction, "INSERT INTO public.projects (id, organization_id, owner_id, name) VALUES ($1, $2, $3, 'Together')",
              {project, organization.id, organization.users.front()});
      for (std::size_t user = 0; user < std::min(kUsersOfOrganization, organization.users.size()); ++user) {
        const Parameters who{organization.id, organization.users[user]};
        if (user % 4 != 3) {
          execute(transaction, "INSERT INTO public.project_members (organization_id, project_id, user_id) VALUES ($1, $3, $2)",
                  {who[0], who[1], project});
        }
        if (user % 5 != 4) {
          execute(transaction, R"sql(
INSERT INTO public.consents (organization_id, user_id, scope, granted_at)
VALUES ($1, $2, 'insights', $3))sql",
                  {who[0], who[1], some_time_before(now, random_)});
        }
        if (user % 3 == 2) continue;
        execute(transaction, R"sql(
INSERT INTO public.consents (organization_id, user_id, scope, granted_at)
VALUES ($1, $2, 'values_alignment', $3))sql",
                {who[0], who[1], some_time_before(now, random_)});
      }
    }
  });
}

Result<void> Respondents::act(Instant now) {
  const double what = random_.unit();
  GivenResponse* const standing = what < kSubmits ? nullptr : any_standing();
  if (standing == nullptr) return submit(now);
  if (what < kCorrects) return correct(*standing, now);
  return what < kWithdraws ? withdraw(*standing) : remove(*standing);
}

GivenResponse* Respondents::any_standing() {
  if (responses_.empty()) return nullptr;
  GivenResponse& one = responses_[random_.below(responses_.size())];
  return one.end == ResponseEnd::kScored ? &one : nullptr;
}

const Respondents::Assessment& Respondents::assessment_of(const GivenResponse& response) const {
  return *std::ranges::find(assessments_, response.assessment, &Assessment::id);
}

GivenAnswers Respondents::answers_of(const Assessment& assessment) {
  GivenAnswers answers;
  const std::int64_t leaning = random_.between(-1, 1);
  for (const Item& item : assessment.items) {
    if (random_.chance(kLeavesOut)) continue;
    answers[item.code] = std::clamp(random_.between(item.lowest, item.highest) + leaning, item.lowest, item.highest);
  }
  return answers;
}

std::string Respondents::plaintext_of(const Assessment& assessment, const GivenAnswers& answers) {
  std::string members;
  for (const auto& [code, value] : answers) members += fmt::format("{}\"{}\": {}", members.empty() ? "" : ", ", code, value);
  return fmt::format(R"({{"instrument_version": {}, "answers": {{{}}}}})", assessment.version, members);
}

Result<std::string> Respondents::encrypted(const GivenResponse& response) {
  return ring_.encrypt({response.organization, std::nullopt}, {"public.assessment_responses", "answers_encrypted", response.id.text()},
                       plaintext_of(assessment_of(response), response.answers));
}

Result<void> Respondents::submit(Instant now) {
  const Organization& organization = world_.organizations[random_.below(world_.organizations.size())];
  const Assessment& assessment = assessments_[random_.below(assessments_.size())];
  GivenResponse response;
  response.id = random_.uuid();
  response.organization = organization.id;
  response.user = organization.users[random_.below(std::min(kUsersOfOrganization, organization.users.size()))];
  response.assessment = assessment.id;
  response.answers = answers_of(assessment);
  response.submitted_at = random_.chance(kLate) ? now - std::chrono::hours{random_.between(1, kLatestHours)} : now;
  response.started_at = response.submitted_at - Seconds{random_.between(1, kLongestSeconds)};
  if (random_.chance(kRefused)) {
    const Item& item = assessment.items[random_.below(assessment.items.size())];
    response.answers[item.code] = item.highest + random_.between(1, kBeyondScale);
    response.end = ResponseEnd::kRejected;
    ++refused_;
  }
  const std::string answers = WEIR_TRY(encrypted(response));
  WEIR_TRY(session_.ask(R"sql(
INSERT INTO public.assessment_responses
  (id, organization_id, user_id, assessment_id, status, started_at, submitted_at, answers_encrypted)
VALUES ($1, $2, $3, $4, 'submitted', $5, $6, $7))sql",
                        {response.id, response.organization, response.user, response.assessment, response.started_at, response.submitted_at,
                         Parameter::bytes(answers)}));
  responses_.push_back(std::move(response));
  return {};
}

Result<void> Respondents::correct(GivenResponse& response, Instant now) {
  response.answers = answers_of(assessment_of(response));
  response.submitted_at = now;
  const std::string answers = WEIR_TRY(encrypted(response));
  WEIR_TRY(session_.ask(R"sql(
UPDATE public.assessment_responses
   SET status = 'submitted', submitted_at = $2, answers_encrypted = $3
 WHERE id = $1)sql",
                        {response.id, response.submitted_at, Parameter::bytes(answers)}));
  return {};
}

Result<void> Respondents::withdraw(GivenResponse& response) {
  response.end = ResponseEnd::kWithdrawn;
  WEIR_TRY(session_.ask("UPDATE public.assessment_responses SET status = 'in_progress' WHERE id = $1", {response.id}));
  return {};
}

Result<void> Respondents::remove(GivenResponse& response) {
  response.end = ResponseEnd::kDeleted;
  WEIR_TRY(session_.ask("DELETE FROM public.assessment_responses WHERE id = $1", {response.id}));
  return {};
}

}  // namespace weir::demo
