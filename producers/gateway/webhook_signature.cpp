#include "producers/gateway/webhook_signature.hpp"

#include "common/core/base64.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>

namespace weir::gateway {

namespace {

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

Result<WebhookKey> WebhookKey::read(std::string_view text) {
  const auto refusal = fail(FaultKind::kConfiguration, "gateway.sendgrid_key is not a public key of P-256 in base64",
                            "copy it from SendGrid's mail settings");
  const auto der = base64_decoded(text);
  if (!der) return refusal;
  const unsigned char* at = bytes_of(*der);
  std::shared_ptr<EVP_PKEY> key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der->size())), EVP_PKEY_free);
  std::array<char, 64> curve{};
  const bool is_p256 = key &&
                       EVP_PKEY_get_utf8_string_param(key.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.data(), curve.size(), nullptr) == 1 &&
                       std::string_view(curve.data()) == "prime256v1";
  if (!is_p256) return refusal;
  return WebhookKey(std::move(key));
}

bool WebhookKey::verifies(std::string_view timestamp, std::string_view body, std::string_view signature) const {
  const auto der = base64_decoded(signature);
  if (!der || timestamp.empty()) return false;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
         EVP_DigestVerifyUpdate(context.get(), timestamp.data(), timestamp.size()) == 1 &&
         EVP_DigestVerifyUpdate(context.get(), body.data(), body.size()) == 1 &&
         EVP_DigestVerifyFinal(context.get(), bytes_of(*der), der->size()) == 1;
}

}  // namespace weir::gateway
