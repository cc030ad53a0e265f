// Addresses: an operator adds them encrypted, and a new webhook endpoint is asked to prove itself.
#include "common/core/base64.hpp"
#include "consumers/notifications/addresses.hpp"
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

TEST_CASE("a webhook's secret is changed while both sign, and the former is signed with no longer once its time is over") {
  Vault vault;
  vault.run("SET bytea_output = 'hex'");
  const auto hook = added(vault, "webhook", "https://example.org/hook", {"--confirmed"});
  const std::string id = hook["destination"];
  const auto rotate = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"notifications", "destination", "rotate-secret", id, "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const auto said = run_weir(words, vault.environment);
    REQUIRE_MESSAGE(said.exit_code == 0, said.err);
    return nlohmann::json::parse(said.out).at(0);
  };
  SystemClock clock;
  Addresses addresses(std::make_shared<encryption::MasterKeys>(vault.open_masters()), clock);
  const auto signs_with = [&] {
    QueuedMessage message;
    message.organization = OrganizationId{*Uuid::parse(Vault::kOrganization)};
    message.channel = "webhook";
    message.destination_id = Uuid::parse(id);
    const QueuedMessage* const messages[] = {&message};
    return must(addresses.of(vault.connection, messages)).at(0).secrets;
  };
  const auto second = rotate({});
  CHECK(signs_with() == std::vector<std::string>{second["secret"], hook["secret"]});
  CHECK(vault.value("SELECT overlap_until BETWEEN now() + interval '23 hours' AND now() + interval '24 hours' FROM "
                    "public.notification_destinations") == "t");
  const auto third = rotate({"--overlap", "1h"});
  CHECK(signs_with() == std::vector<std::string>{third["secret"], second["secret"]});
  vault.run("UPDATE public.notification_destinations SET overlap_until = now()");
  CHECK(signs_with() == std::vector<std::string>{third["secret"]});
  const auto fourth = rotate({"--overlap", "0s"});
  CHECK(signs_with() == std::vector<std::string>{fourth["secret"]});
  CHECK(decrypted(vault, id, "secret_encrypted") == fourth["secret"]);
}

TEST_CASE("a destination without a secret and an overlap that is no time are refused, and nothing changes") {
  Vault vault;
  const auto exit_code = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words{"notifications", "destination", "rotate-secret"};
    words.insert(words.end(), more.begin(), more.end());
    return run_weir(words, vault.environment).exit_code;
  };
  CHECK(exit_code({added(vault, "email", "ada@example.org")["destination"]}) == 65);
  CHECK(exit_code({Uuid::random().text()}) == 65);
  const std::string hook = added(vault, "webhook", "https://example.org/hook")["destination"];
  for (const char* overlap : {"soon", "31d", "-1h"}) CHECK(exit_code({hook, "--overlap", overlap}) == 64);
  CHECK(exit_code({"hook"}) == 64);
  CHECK(vault.value("SELECT max(version) FROM public.notification_destinations") == "1");
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

TEST_CASE("a new webhook endpoint gets a challenge once, a new e-mail address a mail with a link, and no other address either") {
  Site site;
  Options options = testing::by_default(notifications_component(), options_from);
  options.links = {{std::string(32, 'k')}, "https://notify.example.org"};
  Worker worker(site, options);
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
  CHECK(worker.apply(insert(71, "email")) == "done");
  CHECK(worker.apply(insert(72, "push")) == "no_rule");
  CHECK(site.dump("SELECT channel, account, destination_id, template_key FROM weir.delivery_queue ORDER BY channel") ==
        fmt::format("(email,sendgrid:default,{1},destination.confirmation)\n(webhook,webhook:{0},{0},destination.challenge)", id(70).text(),
                    id(71).text()));
  CHECK(site.value("SELECT body ~ '^{\"challenge\":\"[0-9a-f-]{36}\"}$' AND status = 'queued' FROM public.notifications WHERE channel = "
                   "'webhook'") == "t");
  const Event verified =
      site.changed("notification_destinations", id(70),
                   fmt::format("UPDATE public.notification_destinations SET verified_at = now() WHERE id = '{}'", id(70).text()));
  CHECK(worker.apply(verified) == "no_rule");
  CHECK(site.count() == "2");
}

TEST_CASE(
    "the link that confirms an address stands in no row that its user or an admin reads, and is voided by each change of the address") {
  Site site;
  Options options = testing::by_default(notifications_component(), options_from);
  options.links = {{std::string(32, 'k')}, "https://notify.example.org"};
  Worker worker(site, options);
  const auto change = [&](const std::string& sql) { return site.changed("notification_destinations", id(71), sql); };
  const Event added = change(fmt::format(R"(
INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted)
VALUES ('{}', '{}', '{}', 'email', '\x77650101' || decode(repeat('00', 60), 'hex')))",
                                         id(71).text(), kOrganization.text(), user(2).text()));
  CHECK(worker.apply(added) == "done");
  CHECK(site.value("SELECT body LIKE '%\"weir-link:confirm\"%' AND variables ->> 'confirmUrl' = 'weir-link:confirm' FROM "
                   "public.notifications") == "t");
  site.run("UPDATE public.notification_destinations SET verified_at = now(), disabled_at = now(), disabled_reason = 'bounced'");
  const Event other =
      change("UPDATE public.notification_destinations SET address_encrypted = '\\x77650101' || decode(repeat('11', 60), 'hex')");
  CHECK(site.value("SELECT verified_at IS NULL AND disabled_at IS NULL AND disabled_reason = '' FROM public.notification_destinations") ==
        "t");
  CHECK(worker.apply(other) == "done");
  CHECK(site.count("template_key = 'destination.confirmation' AND status = 'queued'") == "2");
}

TEST_CASE("without a key or a URL for links no mail asks for a confirmation, and the ledger says why") {
  Site site;
  Worker worker(site);
  CHECK(worker.apply(site.changed("notification_destinations", id(71),
                                  fmt::format(R"(
INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted)
VALUES ('{}', '{}', '{}', 'email', '\x77650101' || decode(repeat('00', 60), 'hex')))",
                                              id(71).text(), kOrganization.text(), user(2).text()))) == "done");
  CHECK(site.value("SELECT concat_ws(' ', status, reason) FROM public.notifications") == "suppressed no_links");
}
