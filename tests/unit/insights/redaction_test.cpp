#include "consumers/insights/pure/redaction.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace weir::insights;

namespace {

std::string put_back(std::string text, const Placeholders& placeholders) {
  for (std::size_t number = placeholders.count(); number >= 1; --number) {
    const std::string placeholder = "[[P" + std::to_string(number) + "]]";
    for (std::size_t at = text.find(placeholder); at != std::string::npos;
         at = text.find(placeholder, at + placeholders.original(number).size()))
      text.replace(at, placeholder.size(), placeholders.original(number));
  }
  return text;
}

}  // namespace

TEST_CASE("the same text has the same placeholder, and other texts have others") {
  Placeholders placeholders;
  CHECK(placeholders.of("Anna") == "[[P1]]");
  CHECK(placeholders.of("Bea") == "[[P2]]");
  CHECK(placeholders.of("Anna") == "[[P1]]");
  CHECK(placeholders.count() == 2);
  CHECK(placeholders.original(2) == "Bea");
}

TEST_CASE("names and identifiers are replaced, and what stands around them stays") {
  KnownNames known;
  known.add("Will Young");
  known.add("Bo Quintrell");
  Placeholders placeholders;
  CHECK(redacted("Yesterday Zyta wrote to Will (w@x.example), not to people.", "en", known, placeholders) ==
        "Yesterday [[P1]] wrote to [[P2]] ([[P3]]), not to people.");
  CHECK(placeholders.original(3) == "w@x.example");
  // Written small, only those who know the name take it for one.
  CHECK(redacted("then quintrell answered", "en", known, placeholders) == "then [[P4]] answered");
  CHECK(redacted("then quintrell answered", "en", {}, placeholders) == "then quintrell answered");
}

TEST_CASE("text that has the form of a placeholder is replaced like an identifier") {
  Placeholders placeholders;
  CHECK(redacted("say [[P1]] and [[P1:abcd]]", "en", {}, placeholders) == "say [[P1]] and [[P2]]");
  CHECK(placeholders.original(1) == "[[P1]]");
}

TEST_CASE("the nonce stands in each placeholder") {
  CHECK(with_nonce("a [[P1]] b [[P12]]", "beef") == "a [[P1:beef]] b [[P12:beef]]");
  CHECK(with_nonce("none", "beef") == "none");
}

TEST_CASE("whatever a text is, it is put back whole, and nothing of a placeholder's form is left but placeholders") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& picks) {
    constexpr std::array<std::string_view, 12> kPieces{"[[P1:x]]", "[",    "]", "Zyta ",     "a@b.example ", "word ",
                                                       ". ",       "\xff", "é", "12345678 ", "[[P2]]",       "\u202e"};
    std::string text;
    for (const std::uint8_t pick : picks) text += kPieces.at(pick % kPieces.size());
    Placeholders placeholders;
    const std::string out = redacted(text, "en", {}, placeholders);
    std::size_t opened = 0;
    for (std::size_t at = out.find("[[P"); at != std::string::npos; at = out.find("[[P", at + 1)) ++opened;
    std::string rest = put_back(out, placeholders);
    RC_ASSERT(opened >= placeholders.count());
    RC_ASSERT(with_nonce(out, "n").size() == out.size() + 2 * opened);
    RC_ASSERT(rest.find('\xff') == std::string::npos);
  }));
}
