#include "weir/demo/confidences.hpp"

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

Result<Uuid> publish_assessment(postgres::Connection& connection, Instant now) {
  const Uuid id = Uuid::random();
  WEIR_TRY(connection.execute("demo_assessment",
                              "INSERT INTO public.assessments (id, key, instrument_version, title, status, published_at) VALUES ($1, "
                              "'demo_wellbeing', 1, 'How are you?', 'published', $2)",
                              postgres::Params().add(id).add(now)));
  return id;
}

Result<void> respond(postgres::Connection& connection, encryption::KeyRing& ring, const KeyOwner& owner, const Uuid& assessment,
                     Instant now) {
  const Uuid id = Uuid::random();
  const std::string answers = fmt::format(R"({{"mood": 2, "why": "{}"}})", kAnswer);
  postgres::Params params;
  params.add(id).add(owner.organization).add(owner.user).add(assessment).add(now);
  params.add_bytes(WEIR_TRY(encrypted(ring, owner, "public.assessment_responses", "answers_encrypted", id, answers)));
  WEIR_TRY(connection.execute("demo_response",
                              "INSERT INTO public.assessment_responses (id, organization_id, user_id, assessment_id, status, submitted_at, "
                              "answers_encrypted) VALUES ($1, $2, $3, $4, 'submitted', $5, $6)",
                              params));
  return {};
}

Result<void> connect(postgres::Connection& connection, encryption::KeyRing& ring, const KeyOwner& owner) {
  const Uuid id = Uuid::random();
  const std::string credentials = fmt::format(R"({{"user": "{}", "password": "{}"}})", owner.user->text(), kCredential);
  postgres::Params params;
  params.add(id).add(owner.organization).add(owner.user);
  params.add_json(encryption::to_json(WEIR_TRY(encrypted(ring, owner, "public.connectors", "credentials_encrypted", id, credentials))));
  WEIR_TRY(connection.execute("demo_connector",
                              "INSERT INTO public.connectors (id, organization_id, user_id, name, type, credentials_encrypted, status) "
                              "VALUES ($1, $2, $3, 'Calendar', 'calendar', $4, 'active')",
                              params));
  return {};
}

Result<void> leave_address(postgres::Connection& connection, encryption::KeyRing& ring, const KeyOwner& owner) {
  constexpr std::string_view kTable = "public.notification_destinations";
  constexpr std::string_view kColumn = "address_encrypted";
  const Uuid id = Uuid::random();
  const std::string address = fmt::format("{}.{}", owner.user->text().substr(0, 8), kAddress);
  const auto of_organization = WEIR_TRY(ring.encrypting_key({owner.organization, std::nullopt}));
  postgres::Params params;
  params.add(id).add(owner.organization).add(owner.user).add_bytes(WEIR_TRY(encrypted(ring, owner, kTable, kColumn, id, address)));
  params.add_bytes(encryption::blind_index(of_organization.key, kTable, kColumn, address));
  WEIR_TRY(connection.execute("demo_destination",
                              "INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted, "
                              "address_hash) VALUES ($1, $2, $3, 'email', $4, $5)",
                              params));
  return {};
}

}  // namespace

Result<void> write_confidences(postgres::Connection& connection, const encryption::MasterKeys& masters, const World& world, Instant now) {
  encryption::KeyRing ring(connection, masters);
  WEIR_TRY(connection.begin());
  const Uuid assessment = WEIR_TRY(publish_assessment(connection, now));
  for (const Organization& organization : world.organizations) {
    const std::size_t users = std::min(kUsersOfOrganization, organization.users.size());
    for (std::size_t user = 0; user < users; ++user) {
      const KeyOwner owner{organization.id, organization.users[user]};
      WEIR_TRY(respond(connection, ring, owner, assessment, now));
      WEIR_TRY(connect(connection, ring, owner));
      WEIR_TRY(leave_address(connection, ring, owner));
    }
  }
  return connection.commit();
}

}  // namespace weir::demo
