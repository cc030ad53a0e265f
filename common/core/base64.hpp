// Base64 (RFC 4648, sections 4 and 5).
//
//   text := *(4digit) [ 2digit "==" | 3digit "=" ]      the bits of the last digit that belong to no byte are 0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir {

void append_base64(std::string& out, std::string_view bytes);
[[nodiscard]] std::string base64(std::string_view bytes);
/// With - and _ for + and /, and without padding.
[[nodiscard]] std::string base64url(std::string_view bytes);
/// The bytes whose base64() is exactly `text`; none where there are no such bytes.
[[nodiscard]] std::optional<std::string> base64_decoded(std::string_view text);
/// The bytes whose base64url() is exactly `text`; none where there are no such bytes.
[[nodiscard]] std::optional<std::string> base64url_decoded(std::string_view text);

}  // namespace weir
