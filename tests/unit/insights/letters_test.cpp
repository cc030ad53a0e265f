#include "consumers/insights/pure/letters.hpp"

#include <doctest/doctest.h>

using namespace weir::insights;

TEST_CASE("letters are made small in Latin, Greek and Cyrillic, and accents are left out where names are compared") {
  CHECK(lowered("ÉMILE Łukasz ŽANA Ÿ ẞ Ș") == "émile łukasz žana ÿ ß ș");
  CHECK(lowered("ΑΛΈΞΗΣ ИВАН Ёлка") == "αλΈξησ иван ёлка");
  CHECK(bare("Émile Łukasz Öztürk Weiß Søren Żółć") == "emile lukasz ozturk weiss soren zolc");
  CHECK(bare("Jose\u0301") == "jose");
  CHECK(is_upper(U'Ż'));
  CHECK_FALSE(is_upper(U'ß'));
  CHECK_FALSE(is_upper(0x4e2d));
  CHECK(is_letter(0x4e2d));
  CHECK_FALSE(is_letter(U'×'));
}

TEST_CASE("a text that is no UTF-8 is read to its end, byte by byte") {
  const std::string broken = "a\xff\xc3(\xe2\x82";
  std::size_t at = 0;
  for (int steps = 0; at < broken.size() && steps < 10; ++steps) at += character_at(broken, at).bytes;
  CHECK(at == broken.size());
  CHECK(character_before(broken, broken.size()).code == 0xfffd);
  CHECK(words_in(broken).size() == 1);
}

TEST_CASE("a word has its apostrophes and hyphens, and knows whether it begins a sentence") {
  const std::string text = "Anna's dog. (Well-known) d'Émile J. Brown: no; NASA";
  std::string words;
  for (const TextWord& word : words_in(text)) {
    words += text.substr(word.begin, word.end - word.begin);
    words += word.begins_sentence ? "^" : "";
    words += word.is_capitalised ? "C" : "";
    words += word.is_all_capitals ? "A " : " ";
  }
  CHECK(words == "Anna's^C dog Well-known^C d'Émile JC BrownC no^ NASA^CA ");
}
