#include "consumers/notifications/outgoing.hpp"

#include <doctest/doctest.h>

using namespace weir::notifications;

TEST_CASE("a value of an account is a setting or a secret, or empty") {
  const ProviderAccount account{.name = "pusher:default", .provider = "pusher", .settings = {{"key", "k"}}, .secrets = {{"secret", "s"}}};
  CHECK(account.value("key") == "k");
  CHECK(account.value("secret") == "s");
  CHECK(account.value("url").empty());
}

TEST_CASE("a call's URL is the account's with the target behind it, whether or not the account's ends with a slash") {
  for (const char* url : {"https://api.example:8443", "https://api.example:8443/"}) {
    const ProviderAccount account{.name = "fcm:default", .provider = "fcm", .settings = {{"url", url}}};
    CHECK(account.url_with("/v1/send") == "https://api.example:8443/v1/send");
  }
}
