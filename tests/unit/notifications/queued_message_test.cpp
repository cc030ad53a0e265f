#include "consumers/notifications/pure/queued_message.hpp"

#include <doctest/doctest.h>

using namespace weir::notifications;

TEST_CASE("an account's name begins with its provider") {
  CHECK(provider_of("pusher:default") == "pusher");
  CHECK(provider_of("webhook:00000000-0000-4000-8000-000000000001") == "webhook");
  CHECK(provider_of("in_app") == "in_app");
}
