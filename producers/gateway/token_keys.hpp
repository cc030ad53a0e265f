// The keys that tokens are verified with, read from the text of a JSON Web Key Set (RFC 7517). Pure. A key's type fixes the one algorithm
// that the key verifies, so that the header of a token chooses a key, and never what is done with that key.
//
//   RSA of 2,048 to 8,192 bits → RS256 · EC P-256 → ES256 · OKP Ed25519 → EdDSA · oct of 32 bytes or more → HS256, where HS256 is allowed
#pragma once

#include "common/core/result.hpp"

#include <openssl/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace weir::gateway {

enum class TokenAlgorithm : std::uint8_t { kRs256, kEs256, kEdDsa, kHs256 };

/// "RS256", as the header of a token names it.
[[nodiscard]] std::string_view name_of(TokenAlgorithm algorithm);

struct TokenKey {
  TokenAlgorithm algorithm = TokenAlgorithm::kRs256;
  std::shared_ptr<EVP_PKEY> key;  // none with HS256
  std::string secret;             // of HS256 alone

  /// Whether `signature` is this key's signature over `text`, in the form of a token (RFC 7518: ES256 as r and s, 32 bytes each).
  [[nodiscard]] bool verifies(std::string_view text, std::string_view signature) const;
};

/// By the key's id, the member kid.
using TokenKeys = std::map<std::string, TokenKey, std::less<>>;

/// Keys without a kid, for encryption, or of other types and algorithms are left out. Fault kConfiguration where the text is no key set,
/// where a kid stands twice, where a key is too short or broken, and where no key is left.
[[nodiscard]] Result<TokenKeys> read_token_keys(std::string_view jwks, bool allow_hs256);

}  // namespace weir::gateway
