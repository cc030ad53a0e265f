// Key sets: which keys are taken, what each verifies, and which sets are refused.
#include "tests/unit/gateway/token_maker.hpp"

#include <set>

namespace gateway = weir::gateway;
using gateway::read_token_keys;
using gateway::TokenAlgorithm;
using weir::testing::key_set;
using weir::testing::SigningKey;

namespace {

const SigningKey& rsa() {
  static const SigningKey key("rsa", TokenAlgorithm::kRs256);
  return key;
}

std::set<std::string> ids(const std::string& jwks, bool allow_hs256 = false) {
  const auto keys = read_token_keys(jwks, allow_hs256);
  REQUIRE_MESSAGE(keys.has_value(), keys.error().line());
  std::set<std::string> out;
  for (const auto& [id, key] : *keys) out.insert(id);
  return out;
}

std::string refusal(const std::string& jwks) {
  const auto keys = read_token_keys(jwks, false);
  REQUIRE_FALSE(keys.has_value());
  CHECK(keys.error().kind == weir::FaultKind::kConfiguration);
  return keys.error().message;
}

}  // namespace

TEST_CASE("a key of each type verifies its own signatures, and neither another text nor a changed signature") {
  for (const auto algorithm : {TokenAlgorithm::kRs256, TokenAlgorithm::kEs256, TokenAlgorithm::kEdDsa, TokenAlgorithm::kHs256}) {
    const SigningKey key("k", algorithm);
    CAPTURE(key.alg());
    const auto keys = read_token_keys(key_set({key.jwk()}), true);
    REQUIRE(keys.has_value());
    const auto& read = keys->at("k");
    CHECK(read.algorithm == algorithm);
    std::string signature = key.sign("text");
    CHECK(read.verifies("text", signature));
    CHECK_FALSE(read.verifies("texts", signature));
    CHECK_FALSE(read.verifies("text", signature + "x"));
    CHECK_FALSE(read.verifies("text", ""));
    signature.back() = static_cast<char>(signature.back() ^ 1);
    CHECK_FALSE(read.verifies("text", signature));
    CHECK_FALSE(read.verifies("text", std::string(64, '\0')));
  }
}

TEST_CASE("keys that verify no token are left out: without a kid, for encryption, of another algorithm, curve or type") {
  const SigningKey ec("ec", TokenAlgorithm::kEs256);
  const SigningKey secret("secret", TokenAlgorithm::kHs256);
  const SigningKey nameless("", TokenAlgorithm::kEs256);
  const std::string set =
      key_set({rsa().jwk(R"(,"use":"sig","alg":"RS256")"), SigningKey("enc", TokenAlgorithm::kEs256).jwk(R"(,"use":"enc")"),
               SigningKey("pss", TokenAlgorithm::kEs256).jwk(R"(,"alg":"ES384")"), nameless.jwk(), secret.jwk(),
               R"({"kty":"EC","crv":"P-384","kid":"p384","x":"AA","y":"AA"})", R"({"kty":"AKP","kid":"new"})"});
  CHECK(ids(set) == std::set<std::string>{"rsa"});
  CHECK(ids(set, true) == std::set<std::string>{"rsa", "secret"});
}

TEST_CASE("a key set that cannot be trusted is refused as a whole") {
  CHECK(refusal("{").starts_with("the key set cannot be used: the text is not JSON"));
  CHECK(refusal(R"({"keys":{}})") == "the key set cannot be used: it has no array \"keys\"");
  CHECK(refusal(R"({"keys":[7]})") == "the key set cannot be used: a key is not a JSON object");
  CHECK(refusal(R"({"keys":[]})") == "the key set cannot be used: it holds no key with a kid for RS256, ES256 or EdDSA");
  CHECK(refusal(key_set({rsa().jwk(), rsa().jwk()})) == "the key set cannot be used: two keys have the kid 'rsa'");
  CHECK(refusal(R"({"keys":[],"keys":[]})").find("/keys stands twice") != std::string::npos);
  for (
      const std::string& broken :
      {SigningKey("k", TokenAlgorithm::kRs256, 1'024).jwk(), std::string(R"({"kty":"RSA","kid":"k","n":"AQAB","e":"AQAB"})"),
       std::string(
           R"({"kty":"EC","crv":"P-256","kid":"k","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"})"),
       std::string(R"({"kty":"OKP","crv":"Ed25519","kid":"k","x":"AAAA"})")}) {
    CAPTURE(broken);
    CHECK(refusal(key_set({broken})).find("the key 'k' is too short, or its numbers make no key") != std::string::npos);
  }
}

TEST_CASE("a secret of fewer than 32 bytes is refused, even where HS256 is allowed") {
  CHECK_FALSE(read_token_keys(R"({"keys":[{"kty":"oct","kid":"k","k":"c2VjcmV0"}]})", true).has_value());
}
