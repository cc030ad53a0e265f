#include "consumers/notifications/providers/mime.hpp"

#include "common/core/base64.hpp"
#include "common/core/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weir::notifications {

namespace {

constexpr std::size_t kMostPlain = 60;    // of a header's text in one line, with room for the header's name
constexpr std::size_t kMostEncoded = 42;  // bytes in an encoded word, which is 75 characters at most
constexpr std::size_t kLine = 76;

bool may_stand(std::string_view text) {
  return text.size() <= kMostPlain && text.find("=?") == std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

/// The bytes of `text` that go into the next encoded word, which holds whole characters.
std::size_t next_word(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size()) {
    const std::size_t character = std::max<std::size_t>(utf8_sequence(text.substr(end)), 1);
    if (end + character > kMostEncoded) break;
    end += character;
  }
  return end;
}

std::string encoded_words(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    const std::size_t length = next_word(text);
    words += fmt::format("{}=?utf-8?B?{}?=", words.empty() ? "" : "\r\n ", base64(text.substr(0, length)));
    text.remove_prefix(length);
  }
  return words;
}

/// A name before an address, where commas, dots and brackets have a meaning of their own.
std::string display_name(std::string_view name) {
  const bool is_atoms = std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || c == '-'; });
  return is_atoms && may_stand(name) ? std::string(name) : encoded_words(name);
}

std::string one_line(std::string_view text) {
  std::string line(text);
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  return line;
}

/// The boundary has a character that base64 has not, so that the boundary stands in no part.
void append_part(std::string& out, std::string_view boundary, std::string_view type, std::string_view content) {
  out += fmt::format("--{}\r\nContent-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n", boundary, type);
  const std::string encoded = base64(content);
  for (std::size_t at = 0; at < encoded.size(); at += kLine) out.append(encoded, at, kLine).append("\r\n");
}

}  // namespace

std::string header_text(std::string_view text) {
  const std::string line = one_line(text);
  return may_stand(line) ? line : encoded_words(line);
}

std::string mail_date(Instant at) {
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<Seconds>(at - day)};
  return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000", kDays[std::chrono::weekday{day}.c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string mime_of(const Mail& mail) {
  std::string out;
  const auto header = [&](std::string_view name, std::string_view value) { out += fmt::format("{}: {}\r\n", name, value); };
  header("From", mail.from_name.empty() ? mail.from : display_name(one_line(mail.from_name)) + " <" + mail.from + ">");
  header("To", mail.to);
  header("Subject", header_text(mail.subject));
  header("Date", mail_date(mail.at));
  header("Message-ID", "<" + mail.message_id + ">");
  header("Auto-Submitted", "auto-generated");
  if (!mail.unsubscribe_url.empty()) {
    header("List-Unsubscribe", "<" + one_line(mail.unsubscribe_url) + ">");
    header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
  }
  header("MIME-Version", "1.0");
  constexpr std::string_view kBoundary = "_weir_alternative_";
  header("Content-Type", fmt::format("multipart/alternative; boundary=\"{}\"", kBoundary));
  out += "\r\n";
  append_part(out, kBoundary, "text/plain", mail.text);
  append_part(out, kBoundary, "text/html", mail.html);
  out += fmt::format("--{}--\r\n", kBoundary);
  return out;
}

}  // namespace weir::notifications
