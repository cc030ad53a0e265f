// Strings: RFC 8259 escapes and RFC 3629 UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
#include "common/core/json.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <iterator>

namespace weir {

namespace {

struct Lead {
  std::uint8_t first;
  std::uint8_t last;
  std::size_t length;
  std::uint8_t second_low;  // the second byte's range shuts out overlong forms and surrogates
  std::uint8_t second_high;
};

constexpr std::array<Lead, 9> kLeads{{{0x00, 0x7f, 1, 0, 0},
                                      {0xc2, 0xdf, 2, 0x80, 0xbf},
                                      {0xe0, 0xe0, 3, 0xa0, 0xbf},
                                      {0xe1, 0xec, 3, 0x80, 0xbf},
                                      {0xed, 0xed, 3, 0x80, 0x9f},
                                      {0xee, 0xef, 3, 0x80, 0xbf},
                                      {0xf0, 0xf0, 4, 0x90, 0xbf},
                                      {0xf1, 0xf3, 4, 0x80, 0xbf},
                                      {0xf4, 0xf4, 4, 0x80, 0x8f}}};

void append_escape(std::string& out, char character) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (character) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<std::uint8_t>(character);
  out += "\\u00";
  out += kHex[byte >> 4U];
  out += kHex[byte & 15U];
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte_at = [text](std::size_t index) { return static_cast<std::uint8_t>(text[index]); };
  for (const Lead& lead : kLeads) {
    if (byte_at(0) < lead.first || byte_at(0) > lead.last) continue;
    if (lead.length > text.size()) return 0;
    if (lead.length > 1 && (byte_at(1) < lead.second_low || byte_at(1) > lead.second_high)) return 0;
    for (std::size_t index = 2; index < lead.length; ++index) {
      if (byte_at(index) < 0x80 || byte_at(index) > 0xbf) return 0;
    }
    return lead.length;
  }
  return 0;
}

void append_json_string(std::string& out, std::string_view text) {
  const auto plain = [](char character) {
    const auto byte = static_cast<std::uint8_t>(character);
    return byte >= 0x20 && byte < 0x7f && character != '"' && character != '\\';
  };
  out += '"';
  for (std::size_t index = 0; index < text.size();) {
    // Runs of plain ASCII, which is most of what there is, are copied whole.
    std::size_t end = index;
    while (end < text.size() && plain(text[end])) ++end;
    out += text.substr(index, end - index);
    index = end;
    if (index == text.size()) break;
    const std::size_t length = utf8_sequence(text.substr(index));
    if (static_cast<std::uint8_t>(text[index]) < 0x80) {
      append_escape(out, text[index]);
      ++index;
    } else if (length == 0) {
      out += "\xef\xbf\xbd";
      ++index;
    } else {
      out += text.substr(index, length);
      index += length;
    }
  }
  out += '"';
}

std::string json_string(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_json_string(out, text);
  return out;
}

JsonWriter& JsonWriter::name(std::string_view text) {
  separate();
  append_json_string(out_, text);
  out_ += ':';
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  append_json_string(out_, text);
  follows_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  separate();
  fmt::format_to(std::back_inserter(out_), "{}", number);
  follows_ = true;
  return *this;
}

JsonWriter& JsonWriter::json(std::string_view document) {
  separate();
  out_ += document;
  follows_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin(char bracket) {
  separate();
  out_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::end(char bracket) {
  out_ += bracket;
  follows_ = true;
  return *this;
}

JsonWriter& JsonWriter::whole(std::int64_t bits, bool is_signed) {
  const fmt::format_int digits = is_signed ? fmt::format_int(bits) : fmt::format_int(static_cast<std::uint64_t>(bits));
  return json({digits.data(), digits.size()});
}

/// Nothing follows directly behind a name or an opening bracket.
void JsonWriter::separate() {
  if (follows_) out_ += ',';
  follows_ = false;
}

}  // namespace weir
