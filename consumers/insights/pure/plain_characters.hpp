// Characters that are shown as they are: none that steer a terminal, hide, or turn the direction of text. Pure.
#pragma once

#include <string>
#include <string_view>

namespace weir::insights {

/// A control character, a mark of direction, or a character without width.
[[nodiscard]] bool steers(char32_t code);
/// The text without such characters; line ends and tabs become spaces, bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string plain_characters(std::string_view text);

}  // namespace weir::insights
