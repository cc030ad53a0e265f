#include "common/events/unsubscribe_token.hpp"

#include "common/core/digest.hpp"
#include "common/core/result.hpp"
#include "common/events/signed_token.hpp"

namespace weir::events {

namespace {

constexpr std::size_t kFixed = 2 * kUuidBytes + 1;
constexpr std::size_t kLongestGroup = 256;

}  // namespace

std::string unsubscribe_token(std::string_view key, const Unsubscription& unsubscription) {
  WEIR_ASSERT(unsubscription.channel.size() < 256 && unsubscription.template_group.size() < kLongestGroup);
  std::string said;
  append_uuid(said, unsubscription.organization.value);
  append_uuid(said, unsubscription.user.value);
  said += static_cast<char>(unsubscription.channel.size());
  said += unsubscription.channel;
  said += unsubscription.template_group;
  return signed_token(std::move(said), key, hmac_sha256);
}

std::optional<Unsubscription> read_unsubscribe_token(std::span<const std::string> keys, std::string_view token) {
  const auto said = said_by(token, keys, hmac_sha256);
  if (!said || said->size() < kFixed) return std::nullopt;
  const std::size_t channel = static_cast<unsigned char>((*said)[2 * kUuidBytes]);
  if (said->size() < kFixed + channel) return std::nullopt;
  return Unsubscription{OrganizationId{uuid_at(*said, 0)}, UserId{uuid_at(*said, kUuidBytes)}, said->substr(kFixed, channel),
                        said->substr(kFixed + channel)};
}

}  // namespace weir::events
