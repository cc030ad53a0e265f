// Addresses: an operator adds them encrypted, and a new webhook endpoint is asked to prove itself.
#include "common/core/base64.hpp"
#include "tests/component/encryption/vault.hpp"
#include "tests/component/notifications/intake_site.hpp"

#include <nlohmann/json.hpp>

using namespace weir;
using namespace weir::notifications;
using weir::testing::run_weir;
using weir::testing::Vault;

namespace {

/// What the command says of the added destination.
nlohmann::json added(Vault& vault, const std::string& channel, const std::string& address, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words{"notifications", "destination", "add", Vault::user(1).text(), channel, address, "--json"};
  words.insert(words.end(), more.begin(), more.end());
  const auto said = run_weir(words, vault.environment);
  REQUIRE_MESSAGE(said.exit_code == 0, said.err);
  return nlohmann::json::parse(said.out).at(0);
}

std::string decrypted(Vault& vault, const std::string& id, const char* column) {
  encryption::KeyRing ring(vault.connection, vault.masters);
  const auto rows =
      vault.connection.script(fmt::format("SELECT {} FROM public.notification_destinations WHERE id = '{}'", column, id)).value();
  const std::string hex(rows[0].text(0).substr(2));
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return ring.decrypt({"public.notification_destinations", column, id}, bytes).value();
}

}  // namespace

TEST_CASE("an operator adds addresses, which stand encrypted in the table") {
  Vault vault;
  vault.run("SET bytea_output = 'hex'");
  const auto mail = added(vault, "email", "ada@example.org");
  const std::string id = mail["destination"];
  CHECK(decrypted(vault, id, "address_encrypted") == "ada@example.org");
  CHECK(mail["used"] == "once it is confirmed");
  CHECK(vault.value("SELECT verified_at IS NULL AND address_hash IS NOT NULL AND secret_encrypted IS NULL FROM "
                    "public.notification_destinations WHERE id = '" +
                    id + "'") == "t");
  CHECK(added(vault, "push", "device-token")["used"] == "at once");
  CHECK(added(vault, "email", "ada@example.org", {"--confirmed"})["used"] == "at once");
  CHECK(vault.value("SELECT count(*) FROM public.notification_destinations WHERE verified_at IS NOT NULL") == "2");
}

TEST_CASE("a webhook gets a secret, which is shown once and signs") {
  Vault vault;
  vault.run("SET bytea_output = 'hex'");
  const auto hook = added(vault, "webhook", "https://example.org/hook");
  const std::string secret = hook["secret"];
  CHECK(secret.starts_with("whsec_"));
  CHECK(base64_decoded(secret.substr(6))->size() == 32);
  CHECK(decrypted(vault, hook["destination"], "secret_encrypted") == secret);
  CHECK(hook["used"] == "once the endpoint has answered a challenge");
}

TEST_CASE("an address of another form is refused before anything is written") {
  Vault vault;
  const std::string user = Vault::user(1).text();
  for (const std::vector<std::string>& words : {std::vector<std::string>{user, "webhook", "https://127.1/"},
                                                {user, "webhook", "ftp://example.org/"},
                                                {user, "email", "ada"},
                                                {user, "in_app", "x"},
                                                {user, "pusher", "x"},
                                                {"nobody", "email", "ada@example.org"},
                                                {user, "email"}}) {
    std::vector<std::string> all{"notifications", "destination", "add"};
    all.insert(all.end(), words.begin(), words.end());
    CHECK(run_weir(all, vault.environment).exit_code == 64);
  }
  CHECK(run_weir({"notifications", "destination", "add", Uuid::random().text(), "email", "ada@example.org"}, vault.environment).exit_code ==
        65);
  CHECK(vault.value("SELECT count(*) FROM public.notification_destinations") == "0");
}

TEST_CASE("a new webhook endpoint gets a challenge once, and no other address does") {
  Site site;
  Worker worker(site);
  const auto insert = [&](int number, const std::string& channel) {
    return site.changed("notification_destinations", id(number),
                        fmt::format(R"(
INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted)
VALUES ('{}', '{}', '{}', '{}', '\x77650101' || decode(repeat('00', 60), 'hex')))",
                                    id(number).text(), kOrganization.text(), user(2).text(), channel));
  };
  const Event hook = insert(70, "webhook");
  CHECK(worker.apply(hook) == "done");
  CHECK(worker.apply(hook) == "duplicate");
  CHECK(worker.apply(insert(71, "email")) == "no_rule");
  CHECK(site.value("SELECT concat_ws(' ', channel, account, destination_id, template_key) FROM weir.delivery_queue") ==
        fmt::format("webhook webhook:{0} {0} destination.challenge", id(70).text()));
  CHECK(site.value("SELECT body ~ '^{\"challenge\":\"[0-9a-f-]{36}\"}$' AND status = 'queued' FROM public.notifications") == "t");
  const Event verified =
      site.changed("notification_destinations", id(70),
                   fmt::format("UPDATE public.notification_destinations SET verified_at = now() WHERE id = '{}'", id(70).text()));
  CHECK(worker.apply(verified) == "no_rule");
  CHECK(site.count() == "1");
}
