// The form of tokens of links in mails.
#include "common/events/signed_token.hpp"

#include "common/core/base64.hpp"
#include "common/core/digest.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using weir::hmac_sha256;
using weir::Uuid;
using weir::events::said_by;
using weir::events::signed_token;

namespace {

const std::vector<std::string> kKeys{std::string(32, 'n'), std::string(32, 'k')};

/// As hmac_sha256, for tokens of another kind.
std::string other_mac(std::string_view key, std::string_view said) { return hmac_sha256(hmac_sha256(key, "other"), said); }

}  // namespace

TEST_CASE("a token is its bytes and their code, and each of several keys reads its own tokens") {
  CHECK(signed_token("said", kKeys[1], hmac_sha256) == weir::base64url("said" + hmac_sha256(kKeys[1], "said")));
  for (const std::string& key : kKeys) CHECK(said_by(signed_token("said", key, hmac_sha256), kKeys, hmac_sha256) == "said");
  CHECK(said_by(signed_token("", kKeys[0], hmac_sha256), kKeys, hmac_sha256) == "");
}

TEST_CASE("a token says nothing without its key, by the code of another kind, when it is cut, or when it is too long") {
  const std::string token = signed_token("said", kKeys[1], hmac_sha256);
  CHECK_FALSE(said_by(token, std::vector<std::string>{kKeys[0]}, hmac_sha256).has_value());
  CHECK_FALSE(said_by(token, {}, hmac_sha256).has_value());
  CHECK_FALSE(said_by(token, kKeys, other_mac).has_value());
  for (std::size_t size = 0; size < token.size(); ++size) CHECK_FALSE(said_by(token.substr(0, size), kKeys, hmac_sha256).has_value());
  CHECK_FALSE(said_by(signed_token(std::string(1'000, 'x'), kKeys[0], hmac_sha256), kKeys, hmac_sha256).has_value());
}

TEST_CASE("an id stands in a token by its 16 bytes") {
  const Uuid id = *Uuid::parse("11111111-2222-4333-8444-555555555555");
  std::string said = "x";
  weir::events::append_uuid(said, id);
  CHECK(said.size() == 17);
  CHECK(weir::events::uuid_at(said, 1) == id);
}
