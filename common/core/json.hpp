// Writing JSON by hand where a document is small and its shape is fixed: logs, problem details, answers.
#pragma once

#include <string>
#include <string_view>

namespace weir {

/// Appends `text` as a quoted JSON string. Bytes that are no UTF-8 become U+FFFD, so that what is written can always be read.
void append_json_string(std::string& out, std::string_view text);
[[nodiscard]] std::string json_string(std::string_view text);

/// The length of the valid UTF-8 sequence at the start of `text` (1–4), or 0 where there is none.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text);

}  // namespace weir
