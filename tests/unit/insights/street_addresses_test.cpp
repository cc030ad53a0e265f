#include "consumers/insights/pure/street_addresses.hpp"

#include "tests/unit/insights/spans_of.hpp"

#include <doctest/doctest.h>

using namespace weir::insights;

namespace {

std::string found(std::string_view text) { return weir::testing::covered(text, street_addresses(text, words_in(text))); }

}  // namespace

TEST_CASE("streets with their numbers are found, whichever comes first") {
  CHECK(found("at 12 Long Lane today") == "12 Long Lane");
  CHECK(found("at 742 Evergreen Terrace Apt. 5 today") == "742 Evergreen Terrace Apt. 5");
  CHECK(found("in der Bahnhofstraße 12a wohnt") == "Bahnhofstraße 12a");
  CHECK(found("Lange Straße 5") == "Lange Straße 5");
  CHECK(found("au 12, rue de la Paix à") == "12, rue de la Paix");
  CHECK(found("Calle Mayor, 7 y") == "Calle Mayor, 7");
  CHECK(found("in Via Garibaldi 3") == "Via Garibaldi 3");
  CHECK(found("Rua das Flores, 25") == "Rua das Flores, 25");
  CHECK(found("ul. Długa 4") == "ul. Długa 4");
}

TEST_CASE("postal codes are found with their towns") {
  CHECK(found("10115 Berlin") == "10115 Berlin");
  CHECK(found("Springfield, IL 62704") == "IL 62704");
  CHECK(found("00-950 Warszawa") == "00-950 Warszawa");
  CHECK(found("1017 AB Amsterdam") == "1017 AB");
}

TEST_CASE("streets without a number, and words that streets are named by, are none") {
  CHECK(found("I went via Berlin on the way to the place, in the second row") == "");
  CHECK(found("Der Weg war lang, und der Platz voll") == "");
}

TEST_CASE("a number directly before a name may be a house's") {
  const std::string text = "1998 Villegas and 15 Villegas and 7 Villegas, x12 Villegas";
  const Spans names{{5, 13}, {21, 29}, {36, 44}, {50, 58}};
  CHECK(weir::testing::covered(text, house_numbers(text, names)) == "1998 Villegas | 15 Villegas");
}
