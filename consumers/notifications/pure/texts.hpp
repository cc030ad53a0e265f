// Texts on their way into a message: made harmless for the language of their channel, and cut to the size that the channel takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::notifications {

/// The language that a text is put into.
enum class Language : std::uint8_t {
  kPlain,  // none: the text as it is
  kHtml,   // between tags, or in an attribute in quotes
  kJson,   // within a string
  kSlack,  // mrkdwn, where only & < > have a meaning of their own (formatting marks stay)
};

[[nodiscard]] std::string escaped(std::string_view text, Language language);

/// At most `most` bytes of the text, with "…" as their end where something was cut off. A character of UTF-8 stays whole or goes.
[[nodiscard]] std::string cut(std::string_view text, std::size_t most);

}  // namespace weir::notifications
