#include "tests/e2e/marker.hpp"

#include "common/core/base64.hpp"
#include "common/encryption/encrypted_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <set>

namespace weir::testing {

namespace {

template <class Write>
std::string each_byte(std::string_view text, Write write) {
  std::string out;
  for (const char c : text) write(std::back_inserter(out), static_cast<unsigned char>(c));
  return out;
}

/// What base64 of `before` bytes, the text and anything after them has of the text alone: the digits that hold bits of others are left out.
std::string base64_within(std::string_view text, std::size_t before) {
  const std::string digits = base64(std::string(before, '\0') + std::string(text));
  const std::size_t first = (before * 8 + 5) / 6;
  const std::size_t last = (before + text.size()) * 8 / 6;
  return digits.substr(first, last - first);
}

std::string url_safe(std::string digits) {
  std::replace(digits.begin(), digits.end(), '+', '-');
  std::replace(digits.begin(), digits.end(), '/', '_');
  return digits;
}

}  // namespace

std::map<std::string, std::string> forms_of(std::string_view text) {
  std::map<std::string, std::string> forms{{"plain", std::string(text)}};
  forms["hex"] = each_byte(text, [](auto out, unsigned char c) { fmt::format_to(out, "{:02x}", c); });
  forms["HEX"] = each_byte(text, [](auto out, unsigned char c) { fmt::format_to(out, "{:02X}", c); });
  forms["url"] = each_byte(text, [](auto out, unsigned char c) {
    if (std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
      *out = static_cast<char>(c);
    } else {
      fmt::format_to(out, "%{:02X}", c);
    }
  });
  forms["json"] = each_byte(text, [](auto out, unsigned char c) {
    if (c == '/' || c == '"' || c == '\\') *out = '\\';
    *out = static_cast<char>(c);
  });
  for (std::size_t before = 0; before < 3; ++before) {
    const std::string digits = base64_within(text, before);
    forms[fmt::format("base64 after {}", before)] = digits;
    forms[fmt::format("base64url after {}", before)] = url_safe(digits);
  }
  std::set<std::string> seen;
  std::erase_if(forms,
                [&](const auto& form) { return form.first != "plain" && (form.second == text || !seen.insert(form.second).second); });
  return forms;
}

std::string form_in(std::string_view haystack, std::string_view text) {
  for (const auto& [name, bytes] : forms_of(text)) {
    if (haystack.find(bytes) != std::string_view::npos) return name;
  }
  return "";
}

}  // namespace weir::testing
