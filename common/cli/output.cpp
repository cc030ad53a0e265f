#include "common/cli/output.hpp"

#include "common/core/json.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>

namespace weir::cli {

namespace {

/// C0 but for tabs and ends of lines, DEL, and C1, which is two bytes of UTF-8.
bool is_control(std::string_view character, std::string_view behind) {
  const auto first = static_cast<std::uint8_t>(character[0]);
  if (character.size() == 2) return first == 0xc2 && static_cast<std::uint8_t>(character[1]) < 0xa0;
  if (first == '\r') return !behind.starts_with('\n');
  return character.size() == 1 && (first < 0x20 || first == 0x7f) && first != '\n' && first != '\t';
}

bool reader_has_left() {
  pollfd standard_output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  return ::poll(&standard_output, 1, 0) > 0 && (standard_output.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(character.size());
    if (length == 0) {
      out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(character[0]));
    } else if (is_control(character, text)) {
      out += fmt::format("\\u{:04x}", static_cast<std::uint8_t>(character.back()));
    } else {
      out += character;
    }
  }
  return out;
}

bool output_is_open() { return std::ferror(stdout) == 0 && !reader_has_left(); }

bool output_has_failed() { return (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) && !reader_has_left(); }

}  // namespace weir::cli
