#include "common/core/digest.hpp"

#include "common/core/result.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace weir {

namespace {

unsigned char* raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

}  // namespace

std::array<std::uint8_t, 32> sha256(std::string_view data) {
  std::array<std::uint8_t, 32> result{};
  unsigned int length = 0;
  WEIR_ASSERT(EVP_Digest(data.data(), data.size(), result.data(), &length, EVP_sha256(), nullptr) == 1);
  WEIR_ASSERT(length == result.size());
  return result;
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
  std::string result(32, '\0');
  unsigned int length = 0;
  WEIR_ASSERT(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(data.data()), data.size(),
                   raw(result), &length) != nullptr);
  WEIR_ASSERT(length == result.size());
  return result;
}

std::string md5(std::string_view data) {
  std::string result(16, '\0');
  unsigned int length = 0;
  WEIR_ASSERT(EVP_Digest(data.data(), data.size(), raw(result), &length, EVP_md5(), nullptr) == 1);
  WEIR_ASSERT(length == result.size());
  return result;
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xFU];
  }
  return text;
}

std::string hex(std::span<const std::uint8_t> bytes) { return hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()}); }

bool same_secret(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace weir
