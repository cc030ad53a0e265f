// Tokens: the good ones, and every known attack on their readers.
#include "tests/unit/gateway/token_maker.hpp"

#include <vector>

using namespace std::chrono_literals;
namespace gateway = weir::gateway;
using gateway::TokenAlgorithm;
using weir::base64url;
using weir::Instant;
using weir::testing::claims_of;
using weir::testing::key_set;
using weir::testing::SigningKey;

namespace {

const Instant kNow{490'000h};
const std::string kUser = "99999999-2222-4333-8444-555555555555";
const std::string kOrganization = "11111111-2222-4333-8444-555555555555";

const SigningKey& rsa() {
  static const SigningKey key("rsa-1", TokenAlgorithm::kRs256);
  return key;
}
const SigningKey& ec() {
  static const SigningKey key("ec-1", TokenAlgorithm::kEs256);
  return key;
}
const SigningKey& ed() {
  static const SigningKey key("ed-1", TokenAlgorithm::kEdDsa);
  return key;
}
const gateway::TokenKeys& keys() {
  static const auto read = gateway::read_token_keys(key_set({rsa().jwk(), ec().jwk(), ed().jwk()}), false);
  REQUIRE(read.has_value());
  return *read;
}

auto verify(const std::string& token, Instant now = kNow) { return gateway::verify_token(token, keys(), weir::testing::test_rules(), now); }

std::string claims(std::string_view more = {}, Instant expires = kNow + 1h) { return claims_of(kUser, kOrganization, expires, more); }

std::string why(const std::string& token, Instant now = kNow) {
  const auto verdict = verify(token, now);
  return verdict ? "" : verdict.error().why;
}
/// Why claims are refused under a good signature.
std::string why_claims(const std::string& text) { return why(ed().token(text)); }
/// Why a header is refused under a good signature.
std::string why_header(const std::string& text) { return why(ed().token(text, claims())); }

}  // namespace

TEST_CASE("a token of each algorithm says who sends it") {
  for (const SigningKey* key : {&rsa(), &ec(), &ed()}) {
    CAPTURE(key->alg());
    const auto identity = verify(key->token(claims(R"(,"user_role":"teacher")")));
    REQUIRE_MESSAGE(identity.has_value(), identity.error().why);
    CHECK(identity->user.text() == kUser);
    CHECK(identity->organization.text() == kOrganization);
    CHECK(identity->role == "teacher");
    CHECK(identity->expires_at == kNow + 1h);
  }
}

TEST_CASE("no algorithm but that of the key is used: neither none, nor HS256 with the public key, nor another key's") {
  const std::string wrong = "The token's \"alg\" is not the algorithm of its key.";
  for (const char* alg : {"none", "None", "NONE", "", "HS256", "RS256", "EdDSA", "ES384", "PS256"}) {
    CAPTURE(alg);
    const std::string header = fmt::format(R"({{"alg":"{}","kid":"ec-1"}})", alg);
    CHECK(why(ec().token(header, claims())) == wrong);
    CHECK(why(base64url(header) + "." + base64url(claims()) + ".") == wrong);
  }
  const std::string covered = base64url(R"({"alg":"HS256","kid":"rsa-1"})") + "." + base64url(claims());
  CHECK(why(covered + "." + base64url(SigningKey::hmac(rsa().jwk(), covered))) == wrong);
  CHECK(why(ec().token(R"({"kid":"ec-1"})", claims())) == wrong);
}

TEST_CASE("a key comes of the set alone, by exactly its name") {
  for (const char* kid : {"other", "../../dev/null", "ec-1' OR '1'='1", "EC-1", "ec-1 "}) {
    const auto verdict = verify(ec().token(fmt::format(R"({{"alg":"ES256","kid":"{}"}})", kid), claims()));
    REQUIRE_FALSE(verdict.has_value());
    CHECK(verdict.error().unknown_key);
  }
  const SigningKey own("own", TokenAlgorithm::kEs256);
  const std::string brought = fmt::format(R"({{"alg":"ES256","kid":"ec-1","jwk":{},"jku":"https://evil.example/keys"}})", own.jwk());
  CHECK(why(own.token(brought, claims())) == "The token's signature is wrong.");
  CHECK(why_header(R"({"alg":"EdDSA"})") == "The token's header names no key: \"kid\" is missing.");
  CHECK(why_header(R"({"alg":"EdDSA","kid":7})") == "The token's header names no key: \"kid\" is missing.");
}

TEST_CASE("extensions that would have to be understood, and other kinds of tokens, are refused") {
  CHECK(why_header(R"({"alg":"EdDSA","kid":"ed-1","crit":["exp"]})").find("crit") != std::string::npos);
  CHECK(why_header(R"({"alg":"EdDSA","kid":"ed-1","crit":[]})").find("crit") != std::string::npos);
  CHECK(why_header(R"({"alg":"EdDSA","kid":"ed-1","b64":false})").find("b64") != std::string::npos);
  CHECK(why_header(R"({"alg":"EdDSA","kid":"ed-1","b64":"true"})").find("b64") != std::string::npos);
  CHECK(why_header(R"({"alg":"EdDSA","kid":"ed-1","typ":"secevent+jwt"})").find("typ") != std::string::npos);
  CHECK(why_header(R"({"alg":"EdDSA","kid":"ed-1","typ":"AT+JWT","b64":true})").empty());
}

TEST_CASE("a name that stands twice is refused, in the header and in the claims, also when it is escaped") {
  CHECK(why_header(R"({"alg":"EdDSA","kid":"ed-1","kid":"ed-1"})").find("stands twice") != std::string::npos);
  CHECK(why_header(R"({"alg":"EdDSA","kid":"ed-1","\u0061lg":"none"})").find("stands twice") != std::string::npos);
  CHECK(why_claims(claims(R"(,"sub":"x")")).find("stands twice") != std::string::npos);
  CHECK(why_claims(claims(R"(,"nested":{"a":1,"a":2})")).find("stands twice") != std::string::npos);
}

TEST_CASE("a token is three parts of strict base64url, each of one reading") {
  const std::string good = ed().token(claims());
  REQUIRE(why(good).empty());
  CHECK(why("") == "The token does not have three parts.");
  CHECK(why("a.b") == "The token does not have three parts.");
  CHECK(why(good + ".x") == "The token does not have three parts.");
  CHECK(why(good + "=") == "The token's signature is wrong.");
  CHECK(why(good + "A") == "The token's signature is wrong.");
  CHECK(why(" " + good).find("is not base64url") != std::string::npos);
  CHECK(why("..") == "The token's header is not a JSON object.");
  // A signature of 64 bytes leaves four bits of its last digit unused; set, they would be the same bytes to a lax reader.
  std::string loose = good;
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  loose.back() = digits[digits.find(loose.back()) + 1];
  CHECK(why(loose) == "The token's signature is wrong.");
  CHECK(why(ed().token("[]", claims())).find("header is not a JSON object") != std::string::npos);
  CHECK(why_claims("[]").find("claims part is not a JSON object") != std::string::npos);
  CHECK(why_claims("{} {}").find("claims part is not a JSON object") != std::string::npos);
  CHECK(why_claims(claims(",\"x\":\"" + std::string(16'384, 'x') + "\"")) == "The token is longer than 16384 bytes.");
}

TEST_CASE("every changed byte of a token makes it another") {
  const std::string good = ec().token(claims());
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string changed = good;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    CHECK_FALSE(verify(changed).has_value());
  }
}

TEST_CASE("exp is required, whole, and over 30 seconds after it; nbf holds 30 seconds before") {
  const auto with = [](std::string_view exp) {
    return fmt::format(R"({{"iss":"https://login.example","aud":"weir","sub":"{}","org":"{}"{}}})", kUser, kOrganization, exp);
  };
  const std::string no_exp = "The token has no \"exp\" that is a whole number of seconds since 1970.";
  for (const char* exp : {"", ",\"exp\":null", ",\"exp\":\"1764000000\"", ",\"exp\":1.8e9", ",\"exp\":9999999999.0", ",\"exp\":true",
                          ",\"exp\":-1", ",\"exp\":9223372036854775807", ",\"exp\":[1764003600]"}) {
    CAPTURE(exp);
    CHECK(why_claims(with(exp)) == no_exp);
  }
  CHECK(why_claims(with(",\"exp\":99999999999999999999")).find("claims part") != std::string::npos);
  const std::string token = ed().token(claims("", kNow));
  CHECK(why(token, kNow + 29s).empty());
  CHECK(why(token, kNow + 30s).starts_with("The token expired at "));
  const auto begins = [](std::string_view nbf) { return why_claims(claims(fmt::format(",\"nbf\":{}", nbf))); };
  CHECK(begins("1764000030").empty());
  CHECK(begins("1764000031").starts_with("The token is valid from "));
  CHECK(begins("1.7e9") == "The token's \"nbf\" is not a whole number of seconds since 1970.");
}

TEST_CASE("a token for somebody else, or of somebody else, is refused") {
  const auto with = [](std::string_view iss, std::string_view aud, std::string_view sub, std::string_view org) {
    return why_claims(fmt::format(R"({{"iss":{},"aud":{},"sub":{},"org":{},"exp":1764003600}})", iss, aud, sub, org));
  };
  const std::string iss = "\"https://login.example\"";
  const std::string user = '"' + kUser + '"';
  const std::string org = '"' + kOrganization + '"';
  CHECK(with(iss, R"("weir")", user, org).empty());
  CHECK(with(iss, R"(["other","weir"])", user, org).empty());
  CHECK(with("\"https://evil.example\"", R"("weir")", user, org).find("another issuer") != std::string::npos);
  CHECK(with("null", R"("weir")", user, org).find("another issuer") != std::string::npos);
  for (const char* aud : {R"("other")", R"(["other"])", "[]", "null", R"(["weir",7])", R"({"weir":true})", R"("weir ")"}) {
    CAPTURE(aud);
    CHECK(with(iss, aud, user, org).find("another audience") != std::string::npos);
  }
  CHECK(with(iss, R"("weir")", "\"somebody\"", org) == "The token's \"sub\" is not the uuid of a user.");
  CHECK(with(iss, R"("weir")", user, "7") == "The token's \"org\" is not the uuid of an organization.");
}

TEST_CASE("the claims of organization and role have the names that the rules give them") {
  auto rules = weir::testing::test_rules();
  rules.organization_claim = "https://example.com/tenant";
  rules.role_claim = "r";
  const auto identity = gateway::verify_token(ed().token(claims(fmt::format(R"(,"https://example.com/tenant":"{}","r":"admin")", kUser))),
                                              keys(), rules, kNow);
  REQUIRE(identity.has_value());
  CHECK(identity->organization.text() == kUser);
  CHECK(identity->role == "admin");
}
