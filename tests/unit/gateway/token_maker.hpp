// Keys, key sets and signed tokens for tests, made by OpenSSL alone, so that nothing of weir's own verification is used on the way.
#pragma once

#include "common/core/base64.hpp"
#include "common/core/digest.hpp"
#include "producers/gateway/token.hpp"

#include <doctest/doctest.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <fmt/format.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace weir::testing {

inline const unsigned char* unsigned_bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

/// A private key, its public half as a member of a key set, and the signatures that it makes.
class SigningKey {
 public:
  SigningKey(std::string kid, gateway::TokenAlgorithm algorithm, unsigned rsa_bits = 2'048) : kid_(std::move(kid)), algorithm_(algorithm) {
    using gateway::TokenAlgorithm;
    EVP_PKEY* made = nullptr;
    if (algorithm == TokenAlgorithm::kRs256) made = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(rsa_bits));
    if (algorithm == TokenAlgorithm::kEs256) made = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
    if (algorithm == TokenAlgorithm::kEdDsa) made = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    key_.reset(made, EVP_PKEY_free);
    secret_ = "the secret of " + kid_ + " is at least 32 bytes long";
  }

  [[nodiscard]] const std::string& kid() const { return kid_; }
  [[nodiscard]] std::string alg() const { return std::string(gateway::name_of(algorithm_)); }

  [[nodiscard]] std::string jwk(std::string_view more = {}) const {
    using gateway::TokenAlgorithm;
    std::string numbers;
    switch (algorithm_) {
      case TokenAlgorithm::kRs256:
        numbers = fmt::format(R"("kty":"RSA","n":"{}","e":"{}")", number(OSSL_PKEY_PARAM_RSA_N, 0), number(OSSL_PKEY_PARAM_RSA_E, 0));
        break;
      case TokenAlgorithm::kEs256:
        numbers = fmt::format(R"("kty":"EC","crv":"P-256","x":"{}","y":"{}")", number(OSSL_PKEY_PARAM_EC_PUB_X, 32),
                              number(OSSL_PKEY_PARAM_EC_PUB_Y, 32));
        break;
      case TokenAlgorithm::kEdDsa: {
        std::array<unsigned char, 32> raw{};
        std::size_t size = raw.size();
        REQUIRE(EVP_PKEY_get_raw_public_key(key_.get(), raw.data(), &size) == 1);
        numbers = fmt::format(R"("kty":"OKP","crv":"Ed25519","x":"{}")", base64url({reinterpret_cast<const char*>(raw.data()), size}));
        break;
      }
      case TokenAlgorithm::kHs256:
        numbers = fmt::format(R"("kty":"oct","k":"{}")", base64url(secret_));
        break;
    }
    return fmt::format(R"({{"kid":"{}",{}{}}})", kid_, numbers, more);
  }

  [[nodiscard]] std::string sign(std::string_view text) const {
    if (algorithm_ == gateway::TokenAlgorithm::kHs256) return hmac(secret_, text);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const EVP_MD* digest = algorithm_ == gateway::TokenAlgorithm::kEdDsa ? nullptr : EVP_sha256();
    REQUIRE(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1);
    std::string signature(1'024, '\0');
    std::size_t size = signature.size();
    REQUIRE(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, unsigned_bytes(text), text.size()) ==
            1);
    signature.resize(size);
    return algorithm_ == gateway::TokenAlgorithm::kEs256 ? r_and_s(signature) : signature;
  }

  static std::string hmac(std::string_view secret, std::string_view text) { return hmac_sha256(secret, text); }

  /// A token of any header and claims, with this key's signature.
  [[nodiscard]] std::string token(std::string_view header, std::string_view claims) const {
    const std::string covered = base64url(header) + "." + base64url(claims);
    return covered + "." + base64url(sign(covered));
  }
  [[nodiscard]] std::string token(std::string_view claims) const {
    return token(fmt::format(R"({{"alg":"{}","kid":"{}","typ":"JWT"}})", alg(), kid_), claims);
  }

 private:
  [[nodiscard]] std::string number(const char* name, int width) const {
    BIGNUM* made = nullptr;
    REQUIRE(EVP_PKEY_get_bn_param(key_.get(), name, &made) == 1);
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(made, BN_free);
    std::string bytes(static_cast<std::size_t>(width > 0 ? width : BN_num_bytes(made)), '\0');
    REQUIRE(BN_bn2binpad(made, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) > 0);
    return base64url(bytes);
  }

  static std::string r_and_s(const std::string& der) {
    const unsigned char* at = unsigned_bytes(der);
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())),
                                                                     ECDSA_SIG_free);
    std::string out(64, '\0');
    auto* const bytes = reinterpret_cast<unsigned char*>(out.data());
    REQUIRE(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), bytes, 32) == 32);
    REQUIRE(BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), bytes + 32, 32) == 32);
    return out;
  }

  std::string kid_;
  gateway::TokenAlgorithm algorithm_;
  std::shared_ptr<EVP_PKEY> key_;
  std::string secret_;
};

inline std::string key_set(std::initializer_list<std::string> members) {
  std::string out;
  for (const std::string& member : members) out += (out.empty() ? "" : ",") + member;
  return R"({"keys":[)" + out + "]}";
}

inline gateway::TokenRules test_rules() {
  gateway::TokenRules rules;
  rules.issuer = "https://login.example";
  rules.audience = "weir";
  return rules;
}

/// Good claims of a user; `more` is put behind them: `,"nbf":1`.
inline std::string claims_of(std::string_view user, std::string_view organization, Instant expires, std::string_view more = {}) {
  return fmt::format(R"({{"iss":"https://login.example","aud":"weir","sub":"{}","org":"{}","exp":{}{}}})", user, organization,
                     std::chrono::floor<Seconds>(expires).time_since_epoch().count(), more);
}

}  // namespace weir::testing
