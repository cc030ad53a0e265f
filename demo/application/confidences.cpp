#include "demo/application/confidences.hpp"

#include "common/encryption/reencrypt.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::demo {

namespace {

using encryption::KeyOwner;

constexpr std::size_t kUsersOfOrganization = 8;

Result<std::string> encrypted(encryption::KeyRing& ring, const KeyOwner& owner, std::string_view table, std::string_view column,
                              const Uuid& row, const std::string& plaintext) {
  const bool of_user = encryption::find_column(table, column)->of_users;
  return ring.encrypt({owner.organization, of_user ? owner.user : std::nullopt}, {std::string(table), std::string(column), row.text()},
                      plaintext);
}

Result<GivenResponse> respond(SqlSession& session, encryption::KeyRing& ring, const KeyOwner& owner, Instant now) {
  const Uuid id = Uuid::random();
  const std::string answers = fmt::format(R"({{"instrument_version": 1, "answers": {{"{}": 4}}}})", kAnswer);
  const std::string value = WEIR_TRY(encrypted(ring, owner, "public.assessment_responses", "answers_encrypted", id, answers));
  const auto written = WEIR_TRY(session.ask(R"sql(
INSERT INTO public.assessment_responses (id, organization_id, user_id, assessment_id, status, started_at, submitted_at, answers_encrypted)
SELECT $1, $2, $3, id, 'submitted', $4, $4, $5
  FROM public.assessments
 WHERE key = 'emotional_intelligence' AND organization_id IS NULL
RETURNING assessment_id)sql",
                                            {id, owner.organization, owner.user, now, Parameter::bytes(value)}));
  if (written.empty())
    return fail(FaultKind::kData, "the assessment emotional_intelligence is not published", "run: weir instruments load");
  return GivenResponse{id, owner.organization, *owner.user, *Uuid::parse(written[0][0].c_str()), {}, now, now, ResponseEnd::kRejected};
}

Result<void> connect(SqlSession& session, encryption::KeyRing& ring, const KeyOwner& owner) {
  const Uuid id = Uuid::random();
  const std::string credentials = fmt::format(R"({{"user": "{}", "password": "{}"}})", owner.user->text(), kCredential);
  const std::string value = WEIR_TRY(encrypted(ring, owner, "public.connectors", "credentials_encrypted", id, credentials));
  WEIR_TRY(session.ask(R"sql(
INSERT INTO public.connectors (id, organization_id, user_id, name, type, credentials_encrypted, status)
VALUES ($1, $2, $3, 'Calendar', 'calendar', $4, 'active'))sql",
                       {id, owner.organization, owner.user, encryption::to_json(value)}));
  return {};
}

Result<void> leave_address(SqlSession& session, encryption::KeyRing& ring, const KeyOwner& owner) {
  constexpr std::string_view kTable = "public.notification_destinations";
  constexpr std::string_view kColumn = "address_encrypted";
  const Uuid id = Uuid::random();
  const std::string address = fmt::format("{}.{}", owner.user->text().substr(0, 8), kAddress);
  const auto of_organization = WEIR_TRY(ring.encrypting_key({owner.organization, std::nullopt}));
  const std::string value = WEIR_TRY(encrypted(ring, owner, kTable, kColumn, id, address));
  const std::string index = encryption::blind_index(of_organization.key, kTable, kColumn, address);
  WEIR_TRY(session.ask(R"sql(
INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted, address_hash)
VALUES ($1, $2, $3, 'email', $4, $5))sql",
                       {id, owner.organization, owner.user, Parameter::bytes(value), Parameter::bytes(index)}));
  return {};
}

}  // namespace

Result<std::vector<GivenResponse>> write_confidences(SqlSession& session, encryption::KeyRing& ring, const World& world, Instant now) {
  std::vector<GivenResponse> responses;
  for (const Organization& organization : world.organizations) {
    const std::size_t users = std::min(kUsersOfOrganization, organization.users.size());
    for (std::size_t user = 0; user < users; ++user) {
      const KeyOwner owner{organization.id, organization.users[user]};
      responses.push_back(WEIR_TRY(respond(session, ring, owner, now)));
      WEIR_TRY(connect(session, ring, owner));
      WEIR_TRY(leave_address(session, ring, owner));
    }
  }
  return responses;
}

}  // namespace weir::demo
