// Standard output, as commands use it: what a terminal is shown, and whether somebody still reads.
#pragma once

#include <string>
#include <string_view>

namespace weir::cli {

/// The text with its control characters as \u001b and its bytes that are no UTF-8 as \x9b, because records hold what strangers have sent,
/// and a terminal obeys such characters. Ends of lines and tabs stay. JSON stays the JSON that it was. Pure.
[[nodiscard]] std::string printable(std::string_view text);

/// Whether what is printed still goes somewhere: not where the reader of a pipe has left, or a disk was full.
[[nodiscard]] bool output_is_open();
/// Whether something could not be written although its reader is there. A reader that has left, such as head, had enough.
[[nodiscard]] bool output_has_failed();

}  // namespace weir::cli
