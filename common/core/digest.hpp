// Digests that protocols ask for, by OpenSSL. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weir {

[[nodiscard]] std::array<std::uint8_t, 32> sha256(std::string_view data);
/// HMAC-SHA-256 (RFC 2104): 32 bytes.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view data);
/// 16 bytes. Only for protocols that ask for MD5: it protects nothing.
[[nodiscard]] std::string md5(std::string_view data);
/// Two lower-case digits a byte.
[[nodiscard]] std::string hex(std::string_view bytes);
[[nodiscard]] std::string hex(std::span<const std::uint8_t> bytes);
/// Whether two texts are the same, in a time that does not tell where they differ: whoever guesses a secret learns nothing from it.
[[nodiscard]] bool same_secret(std::string_view one, std::string_view other);

}  // namespace weir
