#include "common/events/signed_token.hpp"

#include "common/core/base64.hpp"
#include "common/core/digest.hpp"

#include <algorithm>

namespace weir::events {

namespace {

constexpr std::size_t kMac = 32;
constexpr std::size_t kLongest = 1'024;  // of a token, in letters

}  // namespace

void append_uuid(std::string& said, const Uuid& id) { said.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()); }

Uuid uuid_at(std::string_view said, std::size_t place) {
  Uuid id;
  std::copy_n(said.begin() + static_cast<std::ptrdiff_t>(place), kUuidBytes, id.bytes.begin());
  return id;
}

std::string signed_token(std::string said, std::string_view key, MacOf mac_of) {
  said += mac_of(key, said);
  return base64url(said);
}

std::optional<std::string> said_by(std::string_view token, std::span<const std::string> keys, MacOf mac_of) {
  if (token.size() > kLongest) return std::nullopt;
  auto bytes = base64url_decoded(token);
  if (!bytes || bytes->size() < kMac) return std::nullopt;
  const std::string mac = bytes->substr(bytes->size() - kMac);
  bytes->resize(bytes->size() - kMac);
  const bool is_ours = std::ranges::any_of(keys, [&](const std::string& key) { return same_secret(mac_of(key, *bytes), mac); });
  if (!is_ours) return std::nullopt;
  return bytes;
}

}  // namespace weir::events
