// The text of a mail for readers that show no HTML: made of its HTML, so that a template is written once. Pure.
//
//   paragraphs, headings, tables   stand apart by an empty line
//   li                             a line that begins with "- "
//   br, a row of a table           a new line
//   a href                         its text, and the address in brackets behind it where the text is another
//   entities                       the character; those that are not known stay as they are
//   head, style, script, comments  nothing
#pragma once

#include <string>
#include <string_view>

namespace weir::notifications {

[[nodiscard]] std::string plain_text_of(std::string_view html);

}  // namespace weir::notifications
