#include "consumers/insights/pure/identifiers.hpp"

#include "consumers/insights/pure/letters.hpp"
#include "consumers/insights/pure/links.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace weir::insights {

namespace {

constexpr int kTelephoneDigits = 7;  // so many make a number that is somebody's
constexpr int kCodeDigits = 4;       // so many in a word of letters and digits
constexpr std::size_t kShortestCode = 6;
constexpr std::size_t kLongestMark = 80;  // of a text in double brackets

bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_of_word(char c) { return is_digit(c) || is_ascii_letter(c) || (static_cast<unsigned char>(c) & 0x80U) != 0; }
std::ptrdiff_t digits_in(std::string_view text) { return std::ranges::count_if(text, is_digit); }

/// "12.03.1985", "1985-03-12", "3/12/85", "10:30", "2024-2025": groups of a date or time, which is judged elsewhere.
bool is_date_or_time(std::string_view text) {
  std::array<std::size_t, 4> sizes{};
  std::size_t groups = 0;
  char separator = '\0';
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end == at || groups == sizes.size()) return false;
    sizes[groups++] = end - at;
    if (end == text.size()) break;
    if (separator != '\0' && text[end] != separator) return false;
    separator = text[end];
    at = end + 1;
  }
  if (std::string_view("./-:").find(separator) == std::string_view::npos) return false;
  const auto is_year = [&](std::size_t i) { return sizes.at(i) == 4; };
  const auto is_short = [&](std::size_t i) { return sizes.at(i) <= 2; };
  if (groups == 2) return (is_year(0) && is_year(1) && separator == '-') || (separator == ':' && is_short(0) && is_short(1));
  return groups == 3 && ((is_year(0) && is_short(1) && is_short(2)) || (is_short(0) && is_short(1) && (is_year(2) || is_short(2))));
}

/// "1,000,000", "1 000.50", "12.345.678": thousands apart, and perhaps a fraction.
bool is_amount(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && is_digit(text[at])) ++at;
  if (at == 0 || at > 3 || text[0] == '0' || at == text.size()) return false;
  const char separator = text[at];
  if (separator != ',' && separator != '.' && separator != '\'') return false;
  while (at + 3 < text.size() && text[at] == separator && digits_in(text.substr(at + 1, 3)) == 3) at += 4;
  if (at < text.size() && is_digit(text[at])) return false;
  return at == text.size() || (text[at] != separator && text[at] != ' ' && text[at] != '-' &&
                               digits_in(text.substr(at + 1)) == static_cast<std::ptrdiff_t>(text.size() - at - 1));
}

void add_uuids(std::string_view text, Spans& found) {
  constexpr std::size_t kBytes = 36;
  for (std::size_t at = text.find('-'); at != std::string_view::npos; at = text.find('-', at + 1)) {
    if (at < 8 || at - 8 + kBytes > text.size()) continue;
    const std::string_view one = text.substr(at - 8, kBytes);
    bool is_one = true;
    for (std::size_t i = 0; i < kBytes; ++i) {
      const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
      is_one = is_one && (is_dash ? one[i] == '-' : is_hex(one[i]));
    }
    if (is_one) found.push_back({at - 8, at - 8 + kBytes});
  }
}

/// Groups of digits with up to two of " -.()/" between them, which begin with "+", "(" or a digit.
void add_numbers(std::string_view text, Spans& found) {
  constexpr std::string_view kSeparators = " -./(),'\u00a0";
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_digit(text[at]) || (at > 0 && is_of_word(text[at - 1]))) continue;
    std::size_t begin = at;
    if (begin > 0 && text[begin - 1] == '(') --begin;
    const bool has_plus = begin > 0 && text[begin - 1] == '+';
    if (has_plus) --begin;
    std::size_t end = at;
    std::size_t groups = 0;
    std::size_t years = 0;
    while (true) {
      std::size_t group = end;
      while (group < text.size() && is_digit(text[group])) ++group;
      const std::string_view digits = text.substr(end, group - end);
      years += digits.size() == 4 && (digits.starts_with("19") || digits.starts_with("20")) ? 1 : 0;
      ++groups;
      end = group;
      std::size_t next = end;
      while (next < text.size() && next < end + 3 && kSeparators.find(text[next]) != std::string_view::npos) ++next;
      const std::string_view gap = text.substr(end, next - end);
      const bool goes_on = next < text.size() && next > end && is_digit(text[next]) && gap != ", " && gap != ". " &&
                           gap.find("  ") == std::string_view::npos;
      if (!goes_on || is_date_or_time(text.substr(begin, end - begin))) break;
      end = next;
    }
    const std::string_view number = text.substr(begin, end - begin);
    const bool is_word = end < text.size() && is_of_word(text[end]);
    const bool is_private = digits_in(number) >= (has_plus ? kTelephoneDigits - 1 : kTelephoneDigits) && years < groups &&
                            !is_date_or_time(number) && !is_amount(number);
    if (is_private && !is_word) {
      // "555-123-4567x89", "… ext. 12"
      for (const std::string_view extension : {"x", " x", " ext. ", " ext ", " Ext. "}) {
        if (!text.substr(end).starts_with(extension)) continue;
        std::size_t last = end + extension.size();
        while (last < text.size() && is_digit(text[last])) ++last;
        if (last > end + extension.size()) end = last;
      }
      found.push_back({begin, end});
    }
    at = std::max(end, at + 1) - 1;
  }
}

/// Words of letters and digits that are long or have many digits: licence numbers, tax codes, tokens, IBANs without spaces.
void add_codes(std::string_view text, Spans& found) {
  const auto is_inner = [](char c) { return c == '-' || c == '_' || c == '.' || c == '/' || c == ':'; };
  for (std::size_t at = 0; at < text.size();) {
    if (!is_of_word(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && (is_of_word(text[end]) || (is_inner(text[end]) && end + 1 < text.size() && is_of_word(text[end + 1]))))
      ++end;
    const std::string_view word = text.substr(at, end - at);
    const auto digits = digits_in(word);
    const bool has_letters = std::ranges::any_of(word, is_ascii_letter);
    const bool is_code = has_letters && digits >= kCodeDigits && word.size() >= kShortestCode;
    const bool is_token = word.size() >= 16 && digits >= 2 && word.find('-') == std::string_view::npos;
    const auto colons = std::ranges::count(word, ':');
    const bool is_address = colons >= 3 && std::ranges::all_of(word, [](char c) { return is_hex(c) || c == ':' || c == '.'; });
    const auto dots = std::ranges::count(word, '.');
    const bool is_four = dots == 3 && !has_letters && digits >= 4 && digits <= 12 &&
                         std::ranges::all_of(word, [](char c) { return is_digit(c) || c == '.' || c == '/'; });
    if (is_code || is_token || is_address || is_four) found.push_back({at, end});
    at = end;
  }
}

/// Hexadecimal groups with "::" for those that are zero.
void add_short_addresses(std::string_view text, Spans& found) {
  for (std::size_t at = text.find("::"); at != std::string_view::npos; at = text.find("::", at + 2)) {
    std::size_t begin = at;
    while (begin > 0 && (is_hex(text[begin - 1]) || text[begin - 1] == ':')) --begin;
    std::size_t end = at + 2;
    while (end < text.size() && (is_hex(text[end]) || text[end] == ':' || text[end] == '.')) ++end;
    if (end > at + 2 || begin < at) found.push_back({begin, end});
  }
}

void add_ibans(std::string_view text, Spans& found) {
  constexpr std::size_t kShortest = 15;
  for (std::size_t at = 0; at + kShortest <= text.size(); ++at) {
    const bool begins = is_ascii_letter(text[at]) && is_ascii_letter(text[at + 1]) && is_digit(text[at + 2]) && is_digit(text[at + 3]) &&
                        (at == 0 || !is_of_word(text[at - 1]));
    if (!begins) continue;
    std::size_t end = at;
    while (end < text.size() &&
           (is_digit(text[end]) || is_ascii_letter(text[end]) || (text[end] == ' ' && end + 1 < text.size() && is_of_word(text[end + 1]))))
      ++end;
    // Words may follow the last group: the longest begin that passes the check is the number.
    for (; end >= at + kShortest; --end) {
      if (text[end - 1] == ' ' || !is_iban(text.substr(at, end - at))) continue;
      found.push_back({at, end});
      break;
    }
  }
}

void add_handles(std::string_view text, Spans& found) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    if (at > 0 && is_of_word(text[at - 1])) continue;
    std::size_t end = at + 1;
    while (end < text.size() &&
           (is_of_word(text[end]) || text[end] == '_' || (text[end] == '.' && end + 1 < text.size() && is_of_word(text[end + 1]))))
      ++end;
    if (end > at + 1) found.push_back({at, end});
  }
}

/// Text that looks like a placeholder, or like the begin of one.
void add_marks(std::string_view text, Spans& found) {
  for (const std::string_view mark : {"[[", "]]"}) {
    for (std::size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1)) {
      const std::size_t close = mark == "[[" ? text.find("]]", at) : std::string_view::npos;
      const bool is_whole = close != std::string_view::npos && close - at <= kLongestMark;
      found.push_back({at, is_whole ? close + 2 : at + 2});
    }
  }
}

}  // namespace

bool passes_luhn(std::string_view text) {
  int sum = 0;
  bool is_doubled = false;
  for (std::size_t at = text.size(); at-- > 0;) {
    if (!is_digit(text[at])) continue;
    int digit = text[at] - '0';
    if (is_doubled) digit = digit * 2 - (digit > 4 ? 9 : 0);
    is_doubled = !is_doubled;
    sum += digit;
  }
  return sum % 10 == 0 && digits_in(text) > 0;
}

bool is_iban(std::string_view text) {
  constexpr std::size_t kShortest = 15;
  constexpr std::size_t kLongest = 34;
  std::string plain;
  for (const char c : text) {
    if (c != ' ') plain += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  if (plain.size() < kShortest || plain.size() > kLongest) return false;
  std::rotate(plain.begin(), plain.begin() + 4, plain.end());
  int remainder = 0;
  for (const char c : plain) {
    if (!is_digit(c) && !is_ascii_letter(c)) return false;
    remainder = is_digit(c) ? (remainder * 10 + (c - '0')) % 97 : (remainder * 100 + (c - 'A' + 10)) % 97;
  }
  return remainder == 1;
}

Spans identifiers(std::string_view text) {
  Spans found = links(text);
  add_uuids(text, found);
  add_numbers(text, found);
  add_codes(text, found);
  add_short_addresses(text, found);
  add_ibans(text, found);
  add_handles(text, found);
  add_marks(text, found);
  return merged(std::move(found));
}

}  // namespace weir::insights
