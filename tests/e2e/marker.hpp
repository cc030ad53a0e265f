// A text that must not be readable anywhere, in every form that it may have come to stand in.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace weir::testing {

/// By the name of the form: plain, hex, HEX, base64 and base64url (each at three alignments, since the text may stand within a longer one),
/// url, json. Forms that are alike are there once.
[[nodiscard]] std::map<std::string, std::string> forms_of(std::string_view text);
/// The name of the first form of `text` that stands in `haystack`; empty: none does.
[[nodiscard]] std::string form_in(std::string_view haystack, std::string_view text);

}  // namespace weir::testing
