#include "common/events/confirmation_token.hpp"

#include "common/core/base64.hpp"
#include "common/core/digest.hpp"

#include <algorithm>

namespace weir::events {

namespace {

constexpr std::size_t kUuid = 16;
constexpr std::size_t kNumber = 8;
constexpr std::size_t kMac = 32;
constexpr std::size_t kSaid = 2 * kUuid + 2 * kNumber;
constexpr std::string_view kPurpose = "weir confirmation 1";

void append(std::string& out, const Uuid& id) { out.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()); }

void append(std::string& out, std::int64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(static_cast<std::uint64_t>(number) >> static_cast<unsigned>(shift));
}

Uuid uuid_at(std::string_view bytes, std::size_t place) {
  Uuid id;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(place), kUuid, id.bytes.begin());
  return id;
}

std::int64_t number_at(std::string_view bytes, std::size_t place) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < kNumber; ++i) number = number << 8U | static_cast<unsigned char>(bytes[place + i]);
  return static_cast<std::int64_t>(number);
}

std::string mac_of(std::string_view key, std::string_view said) { return hmac_sha256(hmac_sha256(key, kPurpose), said); }

}  // namespace

std::string confirmation_token(std::string_view key, const Confirmation& confirmation) {
  std::string bytes;
  append(bytes, confirmation.organization.value);
  append(bytes, confirmation.destination);
  append(bytes, confirmation.version);
  append(bytes, unix_ms(confirmation.expires_at) / 1'000);
  bytes += mac_of(key, bytes);
  return base64url(bytes);
}

std::optional<Confirmation> read_confirmation_token(std::span<const std::string> keys, std::string_view token) {
  if (token.size() > 2 * (kSaid + kMac)) return std::nullopt;
  const auto bytes = base64url_decoded(token);
  if (!bytes || bytes->size() != kSaid + kMac) return std::nullopt;
  const std::string_view said(bytes->data(), kSaid);
  const std::string_view mac = std::string_view(*bytes).substr(kSaid);
  const bool is_ours = std::ranges::any_of(keys, [&](const std::string& key) { return same_secret(mac_of(key, said), mac); });
  if (!is_ours) return std::nullopt;
  return Confirmation{OrganizationId{uuid_at(said, 0)}, uuid_at(said, kUuid), number_at(said, 2 * kUuid),
                      from_unix_ms(number_at(said, 2 * kUuid + kNumber) * 1'000)};
}

}  // namespace weir::events
