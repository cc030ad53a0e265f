#include "consumers/notifications/providers/registry.hpp"

#include "tests/unit/notifications/providers/loaded.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace weir;
using namespace weir::notifications;
using weir::testing::Flags;
using weir::testing::Loaded;

namespace {

const std::map<std::string, std::string> kPusher{{"consumers.notifications.pusher.app_id", "3"},
                                                 {"consumers.notifications.pusher.key", "k"},
                                                 {"consumers.notifications.pusher.secret", "s"}};

}  // namespace

TEST_CASE("each provider is found by its name, and its rows of configuration bear it") {
  std::set<std::string_view> names;
  for (const ProviderRow& row : provider_rows()) {
    CHECK(names.insert(row.name).second);
    CHECK(find_provider(row.name) == &row);
    for (const config::Field& field : row.account) CHECK(field.key.starts_with("consumers.notifications." + row.name + "."));
  }
  CHECK(find_provider("carrier pigeon") == nullptr);
}

TEST_CASE("the platform's own accounts are those that are configured") {
  const auto names = [](const auto& accounts) {
    std::set<std::string> all;
    for (const auto& account : accounts) all.insert(account->name);
    return all;
  };
  CHECK(names(*default_accounts(Loaded({}).configuration)) == std::set<std::string>{"slack:default", "webhook:default"});
  const Loaded loaded(kPusher);
  const auto accounts = *default_accounts(loaded.configuration);
  CHECK(names(accounts) == std::set<std::string>{"pusher:default", "slack:default", "webhook:default"});
  const ProviderAccount& account = *accounts.front();
  CHECK(account.name == "pusher:default");
  CHECK(account.provider == "pusher");
  CHECK(account.settings.at("url") == "https://api-mt1.pusher.com");
  CHECK(account.settings.at("app_id") == "3");
  CHECK(account.secrets.at("secret") == "s");
  CHECK_FALSE(account.settings.contains("secret"));
  CHECK(account.reach == http::Reach::kConfigured);
}

TEST_CASE("an account that is configured in part is a fault that names the missing value") {
  const auto accounts = default_accounts(Loaded(Flags{{"consumers.notifications.pusher.key", "k"}}).configuration);
  REQUIRE_FALSE(accounts.has_value());
  CHECK(accounts.error().kind == FaultKind::kConfiguration);
  CHECK(accounts.error().message == "consumers.notifications.pusher: app_id has no value");
}

TEST_CASE("an organization's own account has the defaults of the rows, and leads to public addresses alone") {
  const OrganizationId organization{*Uuid::parse("00000000-0000-4000-8000-000000000007")};
  const auto account = account_of(organization, "pusher", {{"app_id", "4"}, {"key", "k"}}, {{"secret", "s"}});
  REQUIRE(account.has_value());
  CHECK((*account)->name == "pusher:00000000-0000-4000-8000-000000000007");
  CHECK((*account)->value("url") == "https://api-mt1.pusher.com");
  CHECK((*account)->reach == http::Reach::kPublic);
  CHECK_FALSE(account_of(organization, "pusher", {{"app_id", "4"}}, {{"secret", "s"}}).has_value());
  CHECK_FALSE(account_of(organization, "carrier pigeon", {}, {}).has_value());
}

TEST_CASE("terms are the provider's where the configuration does not say otherwise") {
  const Providers providers = make_providers(Loaded({}).configuration);
  CHECK(providers.size() == provider_rows().size());
  const delivery::Terms& usual = providers.at("pusher")->terms();
  CHECK(usual.jobs_in_a_call == 10);
  CHECK(usual.linger == Seconds{1});
  CHECK(usual.tries == 4);
  CHECK(usual.retry.first == Seconds{1});
  CHECK_FALSE(usual.is_jittered);
  const Providers other = make_providers(Loaded(Flags{{"consumers.notifications.pusher.batch", "1"},
                                                      {"consumers.notifications.pusher.timeout", "3s"},
                                                      {"consumers.notifications.pusher.calls", "2"},
                                                      {"consumers.notifications.tries", "2"},
                                                      {"consumers.notifications.retry_pause", "50ms"}})
                                             .configuration);
  const delivery::Terms& terms = other.at("pusher")->terms();
  CHECK(terms.jobs_in_a_call == 1);
  CHECK(terms.timeout == Seconds{3});
  CHECK(terms.calls_of_an_account == 2);
  CHECK(terms.tries == 2);
  CHECK(terms.retry.first == Milliseconds{50});
  CHECK(other.at("webhook")->terms().tries == 2);
}
