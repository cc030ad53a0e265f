#include "common/core/uuid.hpp"

#include "common/core/result.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstring>

namespace weir {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::uint8_t kNoDigit = 0xf0;

/// By character; what is no hexadecimal digit has the bits of kNoDigit.
constexpr std::array<std::uint8_t, 256> hex_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::uint8_t digit = 0; digit < 10; ++digit) values[static_cast<std::size_t>('0') + digit] = digit;
  for (std::uint8_t digit = 10; digit < 16; ++digit) {
    values[static_cast<std::size_t>('a') + digit - 10] = digit;
    values[static_cast<std::size_t>('A') + digit - 10] = digit;
  }
  return values;
}
constexpr auto kHexValues = hex_values();

/// Where the two digits of each byte begin in the canonical form.
constexpr std::array<std::uint8_t, 16> kDigitsAt{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

void set_version(Uuid& id, std::uint8_t version) {
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0fU) | (version << 4U));
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3fU) | 0x80U);
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return std::nullopt;
  Uuid id;
  std::uint8_t all = 0;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    const std::uint8_t high = kHexValues[static_cast<std::uint8_t>(text[kDigitsAt[i]])];
    const std::uint8_t low = kHexValues[static_cast<std::uint8_t>(text[kDigitsAt[i] + 1U])];
    all = static_cast<std::uint8_t>(all | high | low);
    id.bytes[i] = static_cast<std::uint8_t>(high << 4U | low);
  }
  return (all & kNoDigit) == 0 ? std::optional(id) : std::nullopt;
}

std::string Uuid::text() const {
  std::string out;
  out.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    out.push_back(kHex[bytes[i] >> 4U]);
    out.push_back(kHex[bytes[i] & 0x0fU]);
  }
  return out;
}

Uuid Uuid::v5(const Uuid& name_space, std::string_view name) {
  std::string input(reinterpret_cast<const char*>(name_space.bytes.data()), name_space.bytes.size());
  input.append(name);
  std::array<unsigned char, 20> digest{};
  unsigned int length = 0;
  WEIR_ASSERT(EVP_Digest(input.data(), input.size(), digest.data(), &length, EVP_sha1(), nullptr) == 1 && length == digest.size());
  Uuid id;
  std::memcpy(id.bytes.data(), digest.data(), id.bytes.size());
  set_version(id, 5);
  return id;
}

Uuid Uuid::random() {
  Uuid id;
  WEIR_ASSERT(RAND_bytes(id.bytes.data(), static_cast<int>(id.bytes.size())) == 1);
  set_version(id, 4);
  return id;
}

std::size_t UuidHash::operator()(const Uuid& id) const noexcept {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, id.bytes.data(), sizeof high);
  std::memcpy(&low, id.bytes.data() + sizeof high, sizeof low);
  std::uint64_t mixed = high * 0x9E3779B97F4A7C15ULL ^ low;
  mixed ^= mixed >> 32U;
  return static_cast<std::size_t>(mixed * 0xD6E8FEB86659FD93ULL);
}

}  // namespace weir
