// The form of a key, and how a request carries it.
#include "producers/gateway/api_key.hpp"

#include <doctest/doctest.h>

#include <set>

namespace gateway = weir::gateway;
using gateway::Credential;
using gateway::credential_of;

namespace {

const std::string kKey = "weir_" + std::string(43, 'a');

Credential of(std::vector<std::pair<std::string, std::string>> headers) {
  weir::http::Request request;
  request.headers = std::move(headers);
  return credential_of(request);
}

std::string why(const Credential& credential) {
  return std::holds_alternative<std::string>(credential) ? std::get<std::string>(credential) : std::string{};
}

}  // namespace

TEST_CASE("a new key is well-formed, and no two are alike") {
  std::set<std::string> keys;
  for (int turn = 0; turn < 100; ++turn) {
    const std::string key = gateway::new_key();
    CHECK(gateway::is_key(key));
    keys.insert(key);
  }
  CHECK(keys.size() == 100);
}

TEST_CASE("a key is stored as its SHA-256") {
  std::string hex;
  for (const std::uint8_t byte : gateway::hash_key("abc")) {
    constexpr std::string_view kHex = "0123456789abcdef";
    hex += kHex[byte >> 4U];
    hex += kHex[byte & 15U];
  }
  CHECK(hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(gateway::key_prefix(kKey) == "weir_aaaaaaa");
}

TEST_CASE("a key comes as a bearer token or in its own header, alone or twice the same") {
  const Credential expected = gateway::hash_key(kKey);
  CHECK(of({{"authorization", "Bearer " + kKey}}) == expected);
  CHECK(of({{"authorization", "bearer  " + kKey + " "}}) == expected);
  CHECK(of({{"x-api-key", kKey}}) == expected);
  CHECK(of({{"x-api-key", kKey}, {"authorization", "Bearer " + kKey}}) == expected);
}

TEST_CASE("a request without a usable key is told what to send") {
  CHECK(why(of({})) == "Send an API key or a token: Authorization: Bearer weir_…, X-API-Key: weir_… or Authorization: Bearer <token>.");
  CHECK(why(of({{"authorization", "Basic dTpw"}})) == "The Authorization header must read: Bearer weir_… or Bearer <token>.");
  CHECK(why(of({{"authorization", "Bearer"}})).starts_with("Send an API key"));
  CHECK(why(of({{"x-api-key", "secret"}})) == "This is not an API key of weir: those begin with weir_ and have 43 characters more.");
  CHECK(why(of({{"x-api-key", kKey + "b"}})).starts_with("This is not an API key"));
  CHECK(why(of({{"x-api-key", kKey}, {"authorization", "Bearer weir_" + std::string(43, 'b')}})) ==
        "Authorization and X-API-Key carry different keys; send one of them.");
}

TEST_CASE("a token comes in the Authorization header alone, and never beside a key") {
  CHECK(of({{"authorization", "Bearer a.b.c"}}) == Credential{gateway::BearerToken{"a.b.c"}});
  CHECK(why(of({{"x-api-key", "a.b.c"}})).starts_with("This is not an API key"));
  CHECK(why(of({{"x-api-key", kKey}, {"authorization", "Bearer a.b.c"}})).starts_with("Authorization and X-API-Key carry different keys"));
  CHECK(why(of({{"authorization", "Bearer a.b"}})).starts_with("This is not an API key"));
}
