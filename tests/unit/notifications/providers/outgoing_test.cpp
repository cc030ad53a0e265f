#include "consumers/notifications/outgoing.hpp"

#include <doctest/doctest.h>

using namespace weir::notifications;

TEST_CASE("a value of an account is a setting or a secret, or empty") {
  const ProviderAccount account{.name = "pusher:default", .provider = "pusher", .settings = {{"key", "k"}}, .secrets = {{"secret", "s"}}};
  CHECK(account.value("key") == "k");
  CHECK(account.value("secret") == "s");
  CHECK(account.value("url").empty());
}
