// The signature of SendGrid's Event Webhook: ECDSA over P-256 and SHA-256 of the timestamp's text and the body, in DER and base64, as
// SendGrid's documentation and its helper libraries have it. Pure.
#pragma once

#include "common/core/result.hpp"

#include <openssl/types.h>

#include <memory>
#include <string_view>

namespace weir::gateway {

class WebhookKey {
 public:
  /// The verification key as SendGrid shows it: base64 of a SubjectPublicKeyInfo. Fault kConfiguration where it is no key of P-256.
  [[nodiscard]] static Result<WebhookKey> read(std::string_view text);
  [[nodiscard]] bool verifies(std::string_view timestamp, std::string_view body, std::string_view signature) const;

 private:
  explicit WebhookKey(std::shared_ptr<EVP_PKEY> key) : key_(std::move(key)) {}
  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace weir::gateway
