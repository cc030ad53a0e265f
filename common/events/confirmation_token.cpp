#include "common/events/confirmation_token.hpp"

#include "common/core/digest.hpp"
#include "common/events/signed_token.hpp"

namespace weir::events {

namespace {

constexpr std::size_t kNumberBytes = 8;
constexpr std::size_t kSaidBytes = 2 * kUuidBytes + 2 * kNumberBytes;
constexpr std::size_t kLongest = 160;  // of a token, in letters
constexpr std::string_view kPurpose = "weir confirmation 1";

void append(std::string& said, std::int64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8)
    said += static_cast<char>(static_cast<std::uint64_t>(number) >> static_cast<unsigned>(shift));
}

std::int64_t number_at(std::string_view said, std::size_t place) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < kNumberBytes; ++i) number = number << 8U | static_cast<unsigned char>(said[place + i]);
  return static_cast<std::int64_t>(number);
}

std::string mac_of(std::string_view key, std::string_view said) { return hmac_sha256(hmac_sha256(key, kPurpose), said); }

}  // namespace

std::string confirmation_token(std::string_view key, const Confirmation& confirmation) {
  std::string said;
  append_uuid(said, confirmation.organization.value);
  append_uuid(said, confirmation.destination);
  append(said, confirmation.version);
  append(said, unix_ms(confirmation.expires_at) / 1'000);
  return signed_token(std::move(said), key, mac_of);
}

std::optional<Confirmation> read_confirmation_token(std::span<const std::string> keys, std::string_view token) {
  if (token.size() > kLongest) return std::nullopt;
  const auto said = said_by(token, keys, mac_of);
  if (!said || said->size() != kSaidBytes) return std::nullopt;
  return Confirmation{OrganizationId{uuid_at(*said, 0)}, uuid_at(*said, kUuidBytes), number_at(*said, 2 * kUuidBytes),
                      from_unix_ms(number_at(*said, 2 * kUuidBytes + kNumberBytes) * 1'000)};
}

}  // namespace weir::events
