#include "consumers/insights/pure/letters.hpp"

#include "common/core/json.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::insights {

namespace {

constexpr char32_t kReplacement = 0xfffd;

/// Letters of Latin-1 from À and of Latin Extended-A, without their accents, in the order of their codes. A letter that stands for itself
/// has none here.
constexpr std::string_view kLatin1 = "aaaaaaaceeeeiiiidnooooo.ouuuuyt.aaaaaaaceeeeiiiidnooooo.ouuuuyty";
constexpr std::string_view kExtendedA =
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

struct Folded {
  char32_t from;
  char32_t to;
  char32_t distance;  // from a capital to its small letter
};
constexpr std::array kBlocks{
    Folded{U'A', U'Z', 32},   Folded{0xc0, 0xd6, 32},   Folded{0xd8, 0xde, 32},
    Folded{0x391, 0x3a9, 32}, Folded{0x410, 0x42f, 32}, Folded{0x400, 0x40f, 80},
};

/// Blocks in which each capital stands before its small letter.
bool is_paired(char32_t code) {
  return (code >= 0x100 && code <= 0x137) || (code >= 0x139 && code <= 0x148) || (code >= 0x14a && code <= 0x177) ||
         (code >= 0x179 && code <= 0x17e) || (code >= 0x218 && code <= 0x21b) || (code >= 0x460 && code <= 0x4ff) ||
         (code >= 0x1e00 && code <= 0x1eff);
}

bool is_odd_paired(char32_t code) { return (code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17e); }

bool is_combining(char32_t code) { return code >= 0x300 && code <= 0x36f; }
bool is_apostrophe(char32_t code) { return code == U'\'' || code == 0x2019; }
bool joins_letters(char32_t code) { return is_apostrophe(code) || code == U'-' || code == 0x2010 || code == 0x2011; }

/// Nothing but spaces, quotes and brackets lies between the end of a sentence and its next word.
bool keeps_sentence_begin(char32_t code) {
  return code == U' ' || code == U'\t' || code == 0x22 || code == U'\'' || code == U'(' || code == U'[' || code == U'*' || code == U'_' ||
         code == 0xa0 || code == 0xab || code == 0xbb || code == 0xbf || code == 0xa1 || (code >= 0x2018 && code <= 0x201f);
}
bool ends_sentence(char32_t code) {
  return code == U'.' || code == U'!' || code == U'?' || code == U':' || code == U'\n' || code == U'\r' || code == U';' || code == 0x2026 ||
         code == 0x2022 || code == 0x2013 || code == 0x2014 || code == 0x3002;
}

}  // namespace

Character character_at(std::string_view text, std::size_t at) {
  const std::size_t bytes = utf8_sequence(text.substr(at));
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  if (bytes == 0) return {kReplacement, 1};
  if (bytes == 1) return {byte(0), 1};
  char32_t code = byte(0) & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) code = (code << 6U) | (byte(i) & 0x3fU);
  return {code, bytes};
}

Character character_before(std::string_view text, std::size_t at) {
  for (std::size_t bytes = 1; bytes <= 4 && bytes <= at; ++bytes) {
    const Character found = character_at(text, at - bytes);
    if (found.bytes == bytes && found.code != kReplacement) return found;
  }
  return {kReplacement, 1};
}

bool is_letter(char32_t code) {
  if (code < 0x80) return (code >= U'a' && code <= U'z') || (code >= U'A' && code <= U'Z');
  if (code == 0xaa || code == 0xba || code == 0xb5) return true;
  return code >= 0xc0 && code != 0xd7 && code != 0xf7 && code != kReplacement &&
         (code < 0x2000 || (code >= 0x2c00 && code < 0x2e00) || (code >= 0x3040 && code < 0xe000) || code >= 0xf900) &&
         (code < 0xfe00 || code >= 0xff21) && code < 0x1f000;
}

char32_t lowered(char32_t code) {
  for (const Folded& block : kBlocks) {
    if (code >= block.from && code <= block.to) return code + block.distance;
  }
  if (code == 0x178) return 0xff;
  if (code == 0x1e9e) return 0xdf;
  if (is_paired(code) && (code % 2 == 1) == is_odd_paired(code)) return code + 1;
  return code;
}

bool is_upper(char32_t code) { return lowered(code) != code; }

void append_utf8(std::string& out, char32_t code) {
  const auto byte = [&](char32_t bits) { out += static_cast<char>(bits); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | (code >> 6U));
    byte(0x80 | (code & 0x3fU));
  } else if (code < 0x10000) {
    byte(0xe0 | (code >> 12U));
    byte(0x80 | ((code >> 6U) & 0x3fU));
    byte(0x80 | (code & 0x3fU));
  } else {
    byte(0xf0 | (code >> 18U));
    byte(0x80 | ((code >> 12U) & 0x3fU));
    byte(0x80 | ((code >> 6U) & 0x3fU));
    byte(0x80 | (code & 0x3fU));
  }
}

std::string lowered(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    append_utf8(out, lowered(character.code));
    at += character.bytes;
  }
  return out;
}

std::string bare(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    at += character.bytes;
    const char32_t code = lowered(character.code);
    if (is_combining(code)) continue;
    if (code == 0xdf) {
      out += "ss";
    } else if (code >= 0xc0 && code < 0x100 && kLatin1[code - 0xc0] != '.') {
      out += kLatin1[code - 0xc0];
    } else if (code >= 0x100 && code < 0x100 + kExtendedA.size()) {
      out += kExtendedA[code - 0x100];
    } else {
      append_utf8(out, code);
    }
  }
  return out;
}

std::vector<TextWord> words_in(std::string_view text) {
  std::vector<TextWord> words;
  bool begins_sentence = true;
  for (std::size_t at = 0; at < text.size();) {
    const Character first = character_at(text, at);
    if (!is_letter(first.code)) {
      if (ends_sentence(first.code)) {
        begins_sentence = true;
      } else if (!keeps_sentence_begin(first.code)) {
        begins_sentence = false;
      }
      at += first.bytes;
      continue;
    }
    TextWord word{.begin = at, .begins_sentence = std::exchange(begins_sentence, false)};
    std::size_t letters = 0;
    std::size_t capitals = 0;
    while (at < text.size()) {
      const Character character = character_at(text, at);
      const std::size_t next = at + character.bytes;
      const bool is_joint = joins_letters(character.code) && next < text.size() && is_letter(character_at(text, next).code);
      if (!is_letter(character.code) && !is_joint) break;
      letters += is_letter(character.code) ? 1 : 0;
      capitals += is_upper(character.code) ? 1 : 0;
      at = next;
    }
    word.end = at;
    // The point of an initial ends no sentence: "J. Brown".
    if (letters == 1 && is_upper(first.code) && at < text.size() && text[at] == '.') ++at;
    word.is_capitalised = is_upper(first.code);
    word.is_all_capitals = letters > 1 && capitals == letters;
    words.push_back(word);
  }
  return words;
}

}  // namespace weir::insights
