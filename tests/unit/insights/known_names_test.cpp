#include "consumers/insights/pure/known_names.hpp"

#include "tests/unit/insights/spans_of.hpp"

#include <doctest/doctest.h>

using namespace weir::insights;

namespace {

std::string found(const KnownNames& names, std::string_view text, std::string_view locale = "en") {
  return weir::testing::covered(text, names.mentions(text, words_in(text), lexicon_for(locale)));
}

}  // namespace

TEST_CASE("each part of a name is found in any case, with or without accents, and particles are not") {
  KnownNames names;
  names.add("Anna-Lena von Großmann");
  CHECK(found(names, "anna and LENA saw Grossmann, GROSSMANN, Anna-Lena, von or lena") ==
        "anna | LENA | Grossmann | GROSSMANN | Anna-Lena | lena");
  names.add("H.-Dieter Kvist");
  CHECK(found(names, "H.-Dieter, h.-dieter and Dieter") == "H.-Dieter | h.-dieter | Dieter");
  names.add("José Núñez");
  CHECK(found(names, "jose nunez, José, Jose\u0301") == "jose | nunez | José | Jose\u0301");
}

TEST_CASE("genitives and other inflections of a name are found") {
  KnownNames names;
  names.add("Anna Kowalski");
  names.add("Hans Schulz");
  names.add("Beate Klein");
  CHECK(found(names, "Anna's, Annas, Annę, Anny, ANNA’S") == "Anna's | Annas | Annę | Anny | ANNA’S");
  CHECK(found(names, "Kowalskiego, Kowalskiemu, Kowalska") == "Kowalskiego | Kowalskiemu | Kowalska");
  CHECK(found(names, "Schulzes Schulzens Beates") == "Schulzes | Schulzens | Beates");
  CHECK(found(names, "annex, hand, schul, beat") == "");
}

TEST_CASE("a name that is one of the commonest words is found with a capital, or beside another name") {
  KnownNames names;
  names.add("Will Young");
  CHECK(found(names, "Will came. I will come, will young come? He is young.") == "Will | will | young | young");
  CHECK(found(names, "will this be") == "");
}

TEST_CASE("names in scripts without spaces are found within a text") {
  KnownNames names;
  names.add("山田 太郎");
  CHECK(found(names, "昨日山田さんと太郎さん") == "山田 | 太郎");
  CHECK_FALSE(names.empty());
  CHECK(KnownNames().empty());
}
