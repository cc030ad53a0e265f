#include "common/core/uuid.hpp"

#include "common/core/result.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstring>

namespace weir {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool is_dash_position(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

void set_version(Uuid& id, std::uint8_t version) {
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0fU) | (version << 4U));
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3fU) | 0x80U);
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  std::size_t out = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (is_dash_position(i)) {
      if (text[i] != '-') return std::nullopt;
      ++i;
      continue;
    }
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[out++] = static_cast<std::uint8_t>(high * 16 + low);
    i += 2;
  }
  return id;
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
