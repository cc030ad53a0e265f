#include "demo/application/endpoints.hpp"

namespace weir::demo {

Result<void> write_endpoints(SqlSession& session, encryption::KeyRing& ring, const EndpointTerms& terms) {
  const pqxx::result followers = WEIR_TRY(session.ask(R"sql(
SELECT organization_id, user_id
  FROM public.notification_subscriptions
 WHERE subject_type = 'organization')sql"));
  for (const auto& row : followers) {
    const encryption::KeyOwner owner{*Uuid::parse(row[0].c_str()), Uuid::parse(row[1].c_str())};
    const Uuid id = Uuid::random();
    const auto encrypted = [&](const char* column, const std::string& text) {
      return ring.encrypt(owner, {"public.notification_destinations", column, id.text()}, text);
    };
    const std::string address = WEIR_TRY(encrypted("address_encrypted", terms.urls + owner.user->text()));
    const std::string secret = WEIR_TRY(encrypted("secret_encrypted", terms.secret));
    WEIR_TRY(session.ask(R"sql(
INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted, secret_encrypted)
VALUES ($1, $2, $3, 'webhook', $4, $5))sql",
                         {id, owner.organization, owner.user, Parameter::bytes(address), Parameter::bytes(secret)}));
  }
  return {};
}

}  // namespace weir::demo
