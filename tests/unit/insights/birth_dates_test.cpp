#include "consumers/insights/pure/birth_dates.hpp"

#include "tests/unit/insights/spans_of.hpp"

#include <doctest/doctest.h>

using namespace weir::insights;

namespace {

std::string found(std::string_view text) { return weir::testing::covered(text, birth_dates(text)); }

}  // namespace

TEST_CASE("a date beside a word for birth is found, in every form and language") {
  CHECK(found("She was born on 12 March 2018 in town") == "12 March 2018");
  CHECK(found("geb. 1.2.18") == "1.2.18");
  CHECK(found("Date of birth: 2019-03-12") == "2019-03-12");
  CHECK(found("née le 3 mai 2017") == "3 mai 2017");
  CHECK(found("nacida el 12 de marzo de 2019") == "12 de marzo de 2019");
  CHECK(found("nato il 12/03/2017") == "12/03/2017");
  CHECK(found("urodzony 12.03.2018") == "12.03.2018");
}

TEST_CASE("a full date of long ago is found without such a word, and a recent one is not") {
  CHECK(found("on 12.03.1985 and 1990-1-2") == "12.03.1985 | 1990-1-2");
  CHECK(found("March 12, 1985") == "12, 1985");
  CHECK(found("12. März 1985") == "12. März 1985");
  CHECK(found("since 12.03.2024, in 1985, 3 of 1999 people") == "");
  CHECK(found("on 2026-11-29") == "");
}
