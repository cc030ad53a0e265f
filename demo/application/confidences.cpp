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

Result<Uuid> publish_assessment(SqlSession& session, Instant now) {
  const Uuid id = Uuid::random();
  WEIR_TRY(session.ask(R"sql(
INSERT INTO public.assessments (id, key, instrument_version, title, status, published_at)
VALUES ($1, 'demo_wellbeing', 1, 'How are you?', 'published', $2))sql",
                       {id, now}));
  return id;
}

Result<void> respond(SqlSession& session, encryption::KeyRing& ring, const KeyOwner& owner, const Uuid& assessment, Instant now) {
  const Uuid id = Uuid::random();
  const std::string answers = fmt::format(R"({{"mood": 2, "why": "{}"}})", kAnswer);
  const std::string value = WEIR_TRY(encrypted(ring, owner, "public.assessment_responses", "answers_encrypted", id, answers));
  WEIR_TRY(session.ask(R"sql(
INSERT INTO public.assessment_responses (id, organization_id, user_id, assessment_id, status, submitted_at, answers_encrypted)
VALUES ($1, $2, $3, $4, 'submitted', $5, $6))sql",
                       {id, owner.organization, owner.user, assessment, now, Parameter::bytes(value)}));
  return {};
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

Result<void> write_confidences(SqlSession& session, encryption::KeyRing& ring, const World& world, Instant now) {
  const Uuid assessment = WEIR_TRY(publish_assessment(session, now));
  for (const Organization& organization : world.organizations) {
    const std::size_t users = std::min(kUsersOfOrganization, organization.users.size());
    for (std::size_t user = 0; user < users; ++user) {
      const KeyOwner owner{organization.id, organization.users[user]};
      WEIR_TRY(respond(session, ring, owner, assessment, now));
      WEIR_TRY(connect(session, ring, owner));
      WEIR_TRY(leave_address(session, ring, owner));
    }
  }
  return {};
}

}  // namespace weir::demo
