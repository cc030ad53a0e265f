#include "consumers/insights/pure/birth_dates.hpp"

#include "consumers/insights/pure/letters.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace weir::insights {

namespace {

// Begins of words for birth in small letters without accents: English, German, French, Spanish, Italian, Portuguese, Dutch, Polish.
constexpr std::array<std::string_view, 20> kBirth{"born",   "birth",     "dob",    "geboren",  "geburt", "geb",     "nee le",
                                                  "ne le",  "naissance", "nacid",  "nacio",    "nacim",  "nato il", "nata il",
                                                  "nascit", "nascid",    "nasceu", "geboorte", "urodz",  "ur."};
constexpr std::size_t kReach = 48;  // bytes from such a word to its date
constexpr int kFirstRecentYear = 2016;

struct Number {
  std::size_t begin = 0;
  std::size_t end = 0;
  int value = 0;
};

std::vector<Number> numbers_in(std::string_view text) {
  std::vector<Number> numbers;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    Number number{.begin = at};
    while (at < text.size() && is_digit(text[at])) number.value = std::min(number.value * 10 + (text[at++] - '0'), 100'000);
    number.end = at;
    numbers.push_back(number);
  }
  return numbers;
}

bool is_year(const Number& number) { return number.end - number.begin == 4 && number.value >= 1900 && number.value < 2100; }
bool is_day(const Number& number) { return number.end - number.begin <= 2 && number.value >= 1 && number.value <= 31; }

/// A day and a month in digits beside a year: "12.03.1985", "1985-03-12", "3/12/1985".
bool is_between_digits(std::string_view gap) { return gap == "." || gap == "-" || gap == "/" || gap == ". "; }

/// A month's name, as in "12 March 1985", "12. März 1985", "12 de marzo de 1985", "March 12, 1985".
bool is_month_between(std::string_view gap) {
  return gap.size() >= 5 && gap.size() <= 24 && gap.find_first_of("\n!?;") == std::string_view::npos;
}

}  // namespace

Spans birth_dates(std::string_view text) {
  Spans found;
  const std::vector<Number> numbers = numbers_in(text);
  const std::string small = bare(text);
  // The accents that are gone make places differ by some bytes at most, which the reach forgives.
  for (const std::string_view word : kBirth) {
    for (std::size_t at = small.find(word); at != std::string::npos; at = small.find(word, at + 1)) {
      if (at > 0 && is_letter(character_before(small, at).code)) continue;
      Span span{text.size(), 0};
      for (const Number& number : numbers) {
        if (number.begin + 8 < at || number.begin > at + kReach) continue;
        span = {std::min(span.begin, number.begin), std::max(span.end, number.end)};
      }
      found.push_back(span);
    }
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (!is_year(numbers[i]) || numbers[i].value >= kFirstRecentYear) continue;
    const auto gap = [&](std::size_t from) { return text.substr(numbers[from].end, numbers[from + 1].begin - numbers[from].end); };
    const bool is_last =
        i >= 2 && is_day(numbers[i - 1]) && is_day(numbers[i - 2]) && is_between_digits(gap(i - 1)) && is_between_digits(gap(i - 2));
    const bool is_first = i + 2 < numbers.size() && is_day(numbers[i + 1]) && is_day(numbers[i + 2]) && is_between_digits(gap(i)) &&
                          is_between_digits(gap(i + 1));
    if (is_last) found.push_back({numbers[i - 2].begin, numbers[i].end});
    if (is_first) found.push_back({numbers[i].begin, numbers[i + 2].end});
    if (!is_last && i >= 1 && is_day(numbers[i - 1]) && (is_month_between(gap(i - 1)) || gap(i - 1) == ", "))
      found.push_back({numbers[i - 1].begin, numbers[i].end});
  }
  return merged(std::move(found));
}

}  // namespace weir::insights
