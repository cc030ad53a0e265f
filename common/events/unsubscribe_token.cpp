#include "common/events/unsubscribe_token.hpp"

#include "common/core/base64.hpp"
#include "common/core/digest.hpp"
#include "common/core/result.hpp"

#include <algorithm>

namespace weir::events {

namespace {

constexpr std::size_t kUuid = 16;
constexpr std::size_t kMac = 32;
constexpr std::size_t kFixed = 2 * kUuid + 1;
constexpr std::size_t kLongest = 512;

void append(std::string& out, const Uuid& id) { out.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()); }

Uuid uuid_at(std::string_view bytes, std::size_t place) {
  Uuid id;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(place), kUuid, id.bytes.begin());
  return id;
}

}  // namespace

std::string unsubscribe_token(std::string_view key, const Unsubscription& unsubscription) {
  WEIR_ASSERT(unsubscription.channel.size() < 256 && unsubscription.template_group.size() < kLongest / 2);
  std::string bytes;
  append(bytes, unsubscription.organization.value);
  append(bytes, unsubscription.user.value);
  bytes += static_cast<char>(unsubscription.channel.size());
  bytes += unsubscription.channel;
  bytes += unsubscription.template_group;
  bytes += hmac_sha256(key, bytes);
  return base64url(bytes);
}

std::optional<Unsubscription> read_unsubscribe_token(std::span<const std::string> keys, std::string_view token) {
  if (token.size() > 2 * kLongest) return std::nullopt;
  const auto bytes = base64url_decoded(token);
  if (!bytes || bytes->size() < kFixed + kMac) return std::nullopt;
  const std::string_view said(bytes->data(), bytes->size() - kMac);
  const std::string_view mac = std::string_view(*bytes).substr(said.size());
  const bool is_ours = std::ranges::any_of(keys, [&](const std::string& key) { return same_secret(hmac_sha256(key, said), mac); });
  if (!is_ours) return std::nullopt;
  const std::size_t channel = static_cast<unsigned char>(said[2 * kUuid]);
  if (said.size() < kFixed + channel) return std::nullopt;
  return Unsubscription{OrganizationId{uuid_at(said, 0)}, UserId{uuid_at(said, kUuid)}, std::string(said.substr(kFixed, channel)),
                        std::string(said.substr(kFixed + channel))};
}

}  // namespace weir::events
