// Makes OpenSSL's keys of the numbers in a key set.
#include "producers/gateway/token_keys.hpp"

#include "common/core/base64.hpp"
#include "common/core/digest.hpp"
#include "common/events/strict_json.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <simdjson.h>

#include <fmt/format.h>

#include <optional>

namespace weir::gateway {

namespace {

constexpr int kLeastRsaBits = 2'048;
constexpr int kMostRsaBits = 8'192;
constexpr std::size_t kCoordinateBytes = 32;  // of P-256, and of a signature's r and s
constexpr std::size_t kEd25519Bytes = 32;
constexpr std::size_t kLeastSecretBytes = 32;

template <class T, void (*kFree)(T*)>
struct Freer {
  void operator()(T* one) const { kFree(one); }
};
using Number = std::unique_ptr<BIGNUM, Freer<BIGNUM, BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM, OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX, EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG, ECDSA_SIG_free>>;
using Key = std::shared_ptr<EVP_PKEY>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
Number number_of(std::string_view bytes) { return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr)); }

/// A public key that OpenSSL accepts, or none.
Key public_key(const char* type, const Builder& builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  if (EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) return nullptr;
  Key key(made, EVP_PKEY_free);
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, made, nullptr));
  return check && EVP_PKEY_public_check(check.get()) == 1 ? key : nullptr;
}

Key rsa_key(std::string_view modulus, std::string_view exponent) {
  const Number n = number_of(modulus);
  const Number e = number_of(exponent);
  const Builder builder(OSSL_PARAM_BLD_new());
  const bool built = builder && n && e && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
                     OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1;
  if (!built || BN_num_bits(n.get()) < kLeastRsaBits || BN_num_bits(n.get()) > kMostRsaBits) return nullptr;
  return public_key("RSA", builder);
}

Key p256_key(std::string_view x, std::string_view y) {
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes) return nullptr;
  const std::string point = '\x04' + std::string(x) + std::string(y);
  const Builder builder(OSSL_PARAM_BLD_new());
  const bool built = builder && OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
                     OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1;
  return built ? public_key("EC", builder) : nullptr;
}

Key ed25519_key(std::string_view x) {
  if (x.size() != kEd25519Bytes) return nullptr;
  EVP_PKEY* const key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), x.size());
  return key == nullptr ? nullptr : Key(key, EVP_PKEY_free);
}

/// r and s of a token's signature as OpenSSL takes them; empty where they are not 32 bytes each.
std::string der_of(std::string_view signature) {
  if (signature.size() != 2 * kCoordinateBytes) return {};
  Number r = number_of(signature.substr(0, kCoordinateBytes));
  Number s = number_of(signature.substr(kCoordinateBytes));
  const Signature pair(ECDSA_SIG_new());
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0) return {};
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

bool verified(EVP_PKEY* key, const EVP_MD* digest, std::string_view text, std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text), text.size()) == 1;
}

/// One member of a key set. `text` is "" where a member is absent or no string, `bytes` where it is not base64url.
class Jwk {
 public:
  explicit Jwk(simdjson::dom::object object) : object_(object) {}
  [[nodiscard]] std::string_view text(std::string_view name) const {
    std::string_view out;
    return object_.at_key(name).get_string().get(out) == simdjson::SUCCESS ? out : std::string_view{};
  }
  [[nodiscard]] std::string bytes(std::string_view name) const { return base64url_decoded(text(name)).value_or(""); }

 private:
  simdjson::dom::object object_;
};

std::optional<TokenAlgorithm> algorithm_of(const Jwk& jwk, bool allow_hs256) {
  const std::string_view type = jwk.text("kty");
  const std::string_view curve = jwk.text("crv");
  std::optional<TokenAlgorithm> found;
  if (type == "RSA") found = TokenAlgorithm::kRs256;
  if (type == "EC" && curve == "P-256") found = TokenAlgorithm::kEs256;
  if (type == "OKP" && curve == "Ed25519") found = TokenAlgorithm::kEdDsa;
  if (type == "oct" && allow_hs256) found = TokenAlgorithm::kHs256;
  const std::string_view stated = jwk.text("alg");
  const bool other = !stated.empty() && found && stated != name_of(*found);
  const bool encrypts = !jwk.text("use").empty() && jwk.text("use") != "sig";
  return other || encrypts ? std::nullopt : found;
}

/// None where the numbers make no key.
std::optional<TokenKey> key_of(const Jwk& jwk, TokenAlgorithm algorithm) {
  TokenKey out;
  out.algorithm = algorithm;
  switch (algorithm) {
    case TokenAlgorithm::kRs256:
      out.key = rsa_key(jwk.bytes("n"), jwk.bytes("e"));
      break;
    case TokenAlgorithm::kEs256:
      out.key = p256_key(jwk.bytes("x"), jwk.bytes("y"));
      break;
    case TokenAlgorithm::kEdDsa:
      out.key = ed25519_key(jwk.bytes("x"));
      break;
    case TokenAlgorithm::kHs256:
      out.secret = jwk.bytes("k");
      if (out.secret.size() < kLeastSecretBytes) return std::nullopt;
      return out;
  }
  return out.key ? std::optional(std::move(out)) : std::nullopt;
}

tl::unexpected<Fault> unusable(std::string message) {
  return fail(FaultKind::kConfiguration, "the key set cannot be used: " + std::move(message),
              "write a JSON Web Key Set (RFC 7517): {\"keys\":[…]} with a kid for each key");
}

}  // namespace

std::string_view name_of(TokenAlgorithm algorithm) {
  switch (algorithm) {
    case TokenAlgorithm::kRs256:
      return "RS256";
    case TokenAlgorithm::kEs256:
      return "ES256";
    case TokenAlgorithm::kEdDsa:
      return "EdDSA";
    case TokenAlgorithm::kHs256:
      return "HS256";
  }
  return {};
}

bool TokenKey::verifies(std::string_view text, std::string_view signature) const {
  switch (algorithm) {
    case TokenAlgorithm::kRs256:
      return verified(key.get(), EVP_sha256(), text, signature);
    case TokenAlgorithm::kEs256:
      return verified(key.get(), EVP_sha256(), text, der_of(signature));
    case TokenAlgorithm::kEdDsa:
      return verified(key.get(), nullptr, text, signature);
    case TokenAlgorithm::kHs256:
      return same_secret(hmac_sha256(secret, text), signature);
  }
  return false;
}

Result<TokenKeys> read_token_keys(std::string_view jwks, bool allow_hs256) {
  events::StrictJson strict;
  std::string_view data;
  if (const auto fault = strict.check(jwks, data)) return unusable(fault->message);
  simdjson::dom::parser parser;
  simdjson::dom::object document;
  simdjson::dom::array members;
  if (parser.parse(jwks.data(), jwks.size()).get_object().get(document) != simdjson::SUCCESS ||
      document.at_key("keys").get_array().get(members) != simdjson::SUCCESS) {
    return unusable("it has no array \"keys\"");
  }
  TokenKeys keys;
  for (const auto member : members) {
    simdjson::dom::object object;
    if (member.get_object().get(object) != simdjson::SUCCESS) return unusable("a key is not a JSON object");
    const Jwk jwk(object);
    const std::string id(jwk.text("kid"));
    const auto algorithm = algorithm_of(jwk, allow_hs256);
    if (id.empty() || !algorithm) continue;
    auto key = key_of(jwk, *algorithm);
    if (!key) return unusable(fmt::format("the key '{}' is too short, or its numbers make no key for {}", id, name_of(*algorithm)));
    if (!keys.emplace(id, std::move(*key)).second) return unusable(fmt::format("two keys have the kid '{}'", id));
  }
  if (keys.empty()) return unusable("it holds no key with a kid for RS256, ES256 or EdDSA");
  return keys;
}

}  // namespace weir::gateway
