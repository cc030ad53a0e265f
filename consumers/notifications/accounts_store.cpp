#include "consumers/notifications/accounts_store.hpp"

#include "common/encryption/key_ring.hpp"
#include "consumers/notifications/providers/payload.hpp"
#include "consumers/notifications/providers/registry.hpp"

#include <fmt/format.h>

namespace weir::notifications {

namespace {

using Values = std::map<std::string, std::string, std::less<>>;

constexpr const char* kOwn = R"(
  SELECT id, organization_id, providers, settings, secret_encrypted
    FROM public.notification_channels
   WHERE is_enabled AND organization_id IS NOT NULL AND secret_encrypted IS NOT NULL
)";

/// The texts that a JSON object has.
Values values_of(const std::string& json) {
  Values values;
  each_member(json, [&](std::string_view name, std::string_view) {
    if (auto text = text_at(json, {name})) values.emplace(name, std::move(*text));
  });
  return values;
}

}  // namespace

Result<Accounts> own_accounts(postgres::Statements& connection, const encryption::MasterKeys* masters) {
  Accounts accounts;
  std::optional<encryption::KeyRing> keys;
  if (masters != nullptr) keys.emplace(connection, *masters);
  const auto rows = WEIR_TRY(connection.query("notifications_own_accounts", kOwn));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto organization = rows[i].get<OrganizationId>(1);
    std::optional<Values> secrets;
    if (keys) {
      const auto secret =
          keys->decrypt({"public.notification_channels", "secret_encrypted", rows[i].get<Uuid>(0).text()}, rows[i].bytes(4));
      if (!secret && secret.error().kind != FaultKind::kData) return fail(secret.error());
      if (secret) secrets = values_of(*secret);
    }
    for (const std::string& provider : rows[i].get<std::vector<std::string>>(2)) {
      auto& account = accounts[fmt::format("{}:{}", provider, organization.text())];
      if (!secrets) continue;
      auto made = account_of(organization, provider, values_of(rows[i].get<std::string>(3)), *secrets);
      if (made) account = std::move(*made);
    }
  }
  return accounts;
}

}  // namespace weir::notifications
