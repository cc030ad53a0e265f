#include "consumers/insights/pure/plain_characters.hpp"

#include "consumers/insights/pure/letters.hpp"

namespace weir::insights {

bool steers(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0xad || code == 0x61c || code == 0x180e ||
         (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
         (code >= 0xfff9 && code <= 0xfffb) || (code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xe0000 && code <= 0xe0fff);
}

std::string plain_characters(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    at += character.bytes;
    if (character.code == U'\n' || character.code == U'\t' || character.code == U'\r') {
      out += character.code == U'\n' ? '\n' : ' ';
    } else if (!steers(character.code)) {
      append_utf8(out, character.code);
    }
  }
  return out;
}

}  // namespace weir::insights
