// Digests that protocols ask for, by OpenSSL. Pure.
#pragma once

#include <string>
#include <string_view>

namespace weir {

/// HMAC-SHA-256 (RFC 2104): 32 bytes.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view data);
/// 16 bytes. Only for protocols that ask for MD5: it protects nothing.
[[nodiscard]] std::string md5(std::string_view data);
/// Two lower-case digits a byte.
[[nodiscard]] std::string hex(std::string_view bytes);

}  // namespace weir
