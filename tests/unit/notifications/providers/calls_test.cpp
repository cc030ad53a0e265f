#include "tests/unit/notifications/providers/loaded.hpp"

#include "consumers/notifications/providers/calls.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::notifications;
using weir::testing::Flags;
using weir::testing::Loaded;

namespace {

const std::string kAllow = "consumers.notifications.webhook.allow";

std::string refusal(const http::AddressGuard& guard, const std::string& text, http::Reach reach = http::Reach::kPublic) {
  const auto url = http::parse_url(text);
  REQUIRE(url.has_value());
  REQUIRE(url->address.has_value());
  return guard.refusal(*url, {&*url->address, 1}, reach);
}

}  // namespace

TEST_CASE("strangers' URLs lead to public addresses, and to those that are allowed, also without TLS") {
  const http::AddressGuard usual = *address_guard(Loaded({}).configuration);
  CHECK_FALSE(refusal(usual, "https://127.0.0.1/").empty());
  CHECK_FALSE(refusal(usual, "https://10.1.2.3/").empty());
  CHECK_FALSE(refusal(usual, "http://93.184.216.34/").empty());
  CHECK(refusal(usual, "https://93.184.216.34/").empty());
  CHECK(refusal(usual, "http://127.0.0.1/", http::Reach::kConfigured).empty());
  const Loaded allowing(Flags{{kAllow, "127.0.0.1,fd00::/8"}});
  const http::AddressGuard guard = *address_guard(allowing.configuration);
  CHECK(refusal(guard, "http://127.0.0.1/").empty());
  CHECK(refusal(guard, "https://[fd00::1]/").empty());
  CHECK_FALSE(refusal(guard, "https://127.0.0.2/").empty());
}

TEST_CASE("what is no address is refused at the start") {
  const auto guard = address_guard(Loaded(Flags{{kAllow, "127.0.0.1,localhost"}}).configuration);
  REQUIRE_FALSE(guard.has_value());
  CHECK(guard.error().kind == FaultKind::kConfiguration);
  CHECK(guard.error().message.find("'localhost'") != std::string::npos);
}

TEST_CASE("a caller is made of the configuration") {
  const SystemClock clock;
  CHECK(make_caller(Loaded({}).configuration, clock).has_value());
}
