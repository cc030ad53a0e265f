// The form of tokens of links in mails. A token is bytes that say something, and a code that shows that weir made them. Pure.
//
//   token := base64url(said mac(32))   mac: HMAC-SHA-256 over what is said; the header of each kind of token says under which key
#pragma once

#include "common/core/uuid.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::events {

inline constexpr std::size_t kUuidBytes = 16;
void append_uuid(std::string& said, const Uuid& id);
[[nodiscard]] Uuid uuid_at(std::string_view said, std::size_t place);

/// The code of one kind of tokens, by a key of the configuration.
using MacOf = std::string (*)(std::string_view key, std::string_view said);

[[nodiscard]] std::string signed_token(std::string said, std::string_view key, MacOf mac_of);
/// The bytes that a token says; none where it was made with none of these keys.
[[nodiscard]] std::optional<std::string> said_by(std::string_view token, std::span<const std::string> keys, MacOf mac_of);

}  // namespace weir::events
