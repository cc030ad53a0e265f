#include "common/core/uuid.hpp"

#include "common/core/result.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <bit>
#include <cstring>

namespace weir {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::uint64_t each(std::uint64_t byte) { return byte * 0x0101010101010101ULL; }
constexpr std::uint64_t kTops = each(0x80);

/// Eight characters, the first of them in the lowest byte.
std::uint64_t word(const char* first, const char* second) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::memcpy(&low, first, 4);
  std::memcpy(&high, second, 4);
  return low | high << 32U;
}

/// The top bit of each byte that is no hexadecimal digit. All eight are looked at together: a sum has its top bit set where the byte is at
/// least, or above, the bound, and carries into no other byte once the top bits are gone.
std::uint64_t foreign(std::uint64_t text) {
  const std::uint64_t low = text & ~kTops;
  const std::uint64_t lower = low | each(0x20);
  const std::uint64_t digit = (low + each(0x80 - '0')) & ~(low + each(0x7f - '9'));
  const std::uint64_t letter = (lower + each(0x80 - 'a')) & ~(lower + each(0x7f - 'f'));
  return ((~(digit | letter)) | text) & kTops;
}

/// The four bytes that eight hexadecimal digits name.
std::uint32_t bytes_of(std::uint64_t digits) {
  const std::uint64_t values = (digits & each(0x0f)) + 9 * (digits >> 6U & each(0x01));  // letters have bit 6
  std::uint64_t bytes = (values << 4U | values >> 8U) & 0x00ff00ff00ff00ffULL;
  bytes = (bytes | bytes >> 8U) & 0x0000ffff0000ffffULL;
  return static_cast<std::uint32_t>(bytes | bytes >> 16U);
}

void set_version(Uuid& id, std::uint8_t version) {
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0fU) | (version << 4U));
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3fU) | 0x80U);
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return std::nullopt;
  const char* const at = text.data();
  const std::array<std::uint64_t, 4> words{word(at, at + 4), word(at + 9, at + 14), word(at + 19, at + 24), word(at + 28, at + 32)};
  if ((foreign(words[0]) | foreign(words[1]) | foreign(words[2]) | foreign(words[3])) != 0) return std::nullopt;
  Uuid id;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::uint32_t bytes = bytes_of(words[i]);
    std::memcpy(id.bytes.data() + 4 * i, &bytes, sizeof bytes);
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
