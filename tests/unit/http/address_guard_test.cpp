// The guard against server-side request forgery: hostile URLs of the classes that public collections list, each refused by its form or by
// the addresses that its name has.
#include "tests/unit/http/hostile_urls.hpp"

#include "common/http/address_guard.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

using weir::http::Address;
using weir::http::AddressGuard;
using weir::http::Network;
using weir::http::parse_url;
using weir::http::Reach;

namespace {

std::vector<Address> addresses(const std::vector<std::string>& texts) {
  std::vector<Address> all;
  for (const std::string& text : texts) all.push_back(*Address::parse(text));
  return all;
}

/// What the names in the table resolve to.
const std::map<std::string, std::vector<std::string>>& names() {
  static const std::map<std::string, std::vector<std::string>> rows{
      {"localhost", {"::1", "127.0.0.1"}},
      {"app.localhost", {"127.0.0.1"}},
      {"localhost.localdomain", {"127.0.0.1"}},
      {"ip6-localhost", {"::1"}},
      {"metadata", {"169.254.169.254"}},
      {"metadata.google.internal", {"169.254.169.254"}},
      {"instance-data", {"169.254.169.254"}},
      {"kubernetes.default.svc", {"10.96.0.1"}},
      {"intranet", {"192.168.1.10"}},
      {"127.0.0.1.nip.example", {"127.0.0.1"}},
      {"7f000001.rbndr.example", {"127.0.0.1"}},
      {"7f000001.c0a80001.rbndr.example", {"192.168.0.1"}},
      {"mixed.example", {"93.184.216.34", "10.0.0.1"}},
      {"mixed6.example", {"2606:2800:220:1:248:1893:25c8:1946", "::1"}},
      {"mapped.example", {"::ffff:10.0.0.1"}},
      {"unspecified.example", {"0.0.0.0"}},
      {"unspecified6.example", {"::"}},
      {"translated.example", {"64:ff9b::a00:1"}},
      {"nothing.example", {}},
      {"good.example", {"93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"}},
  };
  return rows;
}

/// Why the URL is refused; "" where it is not.
std::string refusal(const AddressGuard& guard, const std::string& text, Reach reach = Reach::kPublic) {
  const auto url = parse_url(text);
  if (!url) return url.error();
  if (url->address) return guard.refusal(*url, {&*url->address, 1}, reach);
  return guard.refusal(*url, addresses(names().at(url->host)), reach);
}

}  // namespace

TEST_CASE("no hostile URL leads anywhere") {
  const AddressGuard guard;
  static_assert(std::size(weir::testing::kHostileUrls) >= 80);
  for (const std::string_view url : weir::testing::kHostileUrls) {
    CAPTURE(std::string(url));
    CHECK_FALSE(refusal(guard, std::string(url)).empty());
  }
}

TEST_CASE("a URL whose every address is public may be called") {
  const AddressGuard guard;
  for (const char* url : {"https://good.example/", "https://GOOD.example:8443/x?y", "https://93.184.216.34/",
                          "https://[2606:2800:220:1:248:1893:25c8:1946]/", "https://[64:ff9b::5db8:d822]/"}) {
    CAPTURE(url);
    CHECK(refusal(guard, url).empty());
  }
}

TEST_CASE("an address that the operator allowed may be called, without TLS too, and its neighbours may not") {
  const AddressGuard guard({*Network::parse("127.0.0.1"), *Network::parse("10.0.0.0/8")});
  CHECK(refusal(guard, "https://127.0.0.1/").empty());
  CHECK(refusal(guard, "http://127.0.0.1:8080/").empty());
  CHECK(refusal(guard, "http://10.1.2.3/").empty());
  CHECK_FALSE(refusal(guard, "https://127.0.0.2/").empty());
  CHECK_FALSE(refusal(guard, "https://[::1]/").empty());
  CHECK_FALSE(refusal(guard, "https://localhost/").empty());  // ::1 is one of its addresses
  CHECK(refusal(guard, "https://mixed.example/").empty());
  CHECK_FALSE(refusal(guard, "http://mixed.example/").empty());  // its other address is public, which http is not for
  CHECK_FALSE(refusal(guard, "https://2130706433/").empty());
}

TEST_CASE("the operator's own URL may lead anywhere, but without TLS to loopback and allowed addresses alone") {
  const AddressGuard guard({*Network::parse("10.0.0.1")});
  CHECK(refusal(guard, "https://192.168.0.1/", Reach::kConfigured).empty());
  CHECK(refusal(guard, "http://localhost:8080/", Reach::kConfigured).empty());
  CHECK(refusal(guard, "http://10.0.0.1/", Reach::kConfigured).empty());
  CHECK_FALSE(refusal(guard, "http://10.0.0.2/", Reach::kConfigured).empty());
  CHECK_FALSE(refusal(guard, "http://good.example/", Reach::kConfigured).empty());
  CHECK_FALSE(refusal(guard, "https://nothing.example/", Reach::kConfigured).empty());
}

TEST_CASE("a refusal names the address and its kind") {
  CHECK(refusal(AddressGuard{}, "https://metadata.google.internal/") ==
        "its host has the address 169.254.169.254, which is refused: link-local");
}
