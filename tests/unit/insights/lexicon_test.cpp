#include "consumers/insights/pure/lexicon.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace weir::insights;
using Rank = Lexicon::Rank;

TEST_CASE("each word of a list is found with its rank, and no other") {
  const Lexicon lexicon("xx", "a+ ab abc*\nmonday^ über\n");
  CHECK(lexicon.rank("a") == Rank::kCommonest);
  CHECK(lexicon.rank("ab") == Rank::kOrdinary);
  CHECK(lexicon.rank("abc") == Rank::kCommon);
  CHECK(lexicon.rank("monday") == Rank::kCapitalised);
  CHECK(lexicon.rank("über") == Rank::kOrdinary);
  for (const char* none : {"", "0", "aa", "abcd", "b", "zz", "über*", "ü"}) CHECK_FALSE(lexicon.has(none));
  CHECK_FALSE(Lexicon("xx", "").has("a"));
}

TEST_CASE("every word of every list is found in it") {
  for (const Lexicon& lexicon : lexicons()) {
    CAPTURE(lexicon.language());
    int words = 0;
    int lost = 0;
    std::string_view rest = lexicon.list();
    while (!rest.empty()) {
      std::string_view line = rest.substr(0, rest.find_first_of(" \n"));
      rest.remove_prefix(line.size() + 1);
      line = line.substr(0, line.find_first_of("*+^"));
      ++words;
      lost += lexicon.has(line) ? 0 : 1;
    }
    CHECK(words > 10'000);
    CHECK(lost == 0);
  }
}

TEST_CASE("a locale has its language's lexicon, and English where there is none") {
  CHECK(lexicon_for("de-CH").language() == "de");
  CHECK(lexicon_for("pt_BR").language() == "pt");
  CHECK(lexicon_for("PL").language() == "pl");
  CHECK(lexicon_for("ja").language() == "en");
  CHECK(lexicon_for("").language() == "en");
}

TEST_CASE("ordinary words are in the lists, and names that are no words are not") {
  CHECK(lexicon_for("en").has("because"));
  CHECK(lexicon_for("de").has("gespräch"));
  CHECK(lexicon_for("fr").has("parfois"));
  for (const char* name : {"smith", "anna", "müller", "schmidt", "kowalski", "gonzález", "giovanni"}) {
    CAPTURE(name);
    for (const Lexicon& lexicon : lexicons()) CHECK_FALSE(lexicon.has(name));
  }
}

TEST_CASE("ordinary words that are names as well are known for such, given names apart") {
  CHECK(also_name("rose") == AlsoName::kGivenName);
  CHECK(also_name("guerra") == AlsoName::kSurname);
  for (const char* none : {"because", "gesprach", "parfois", ""}) CHECK(also_name(none) == AlsoName::kNo);
}
