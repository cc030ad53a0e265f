#include "tests/unit/insights/spans_of.hpp"

#include "consumers/insights/pure/names.hpp"

#include <doctest/doctest.h>

using namespace weir::insights;

namespace {

std::string found(std::string_view text, std::string_view locale) {
  const auto words = words_in(text);
  return weir::testing::covered(text, unknown_names(text, words, lexicon_of(text, words, locale)));
}

}  // namespace

TEST_CASE("an unknown word with a capital is a name, and with the words beside it a single one") {
  CHECK(found("Yesterday Zyta Brown-Kvist told us that it helps.", "en") == "Zyta Brown-Kvist");
  CHECK(found("Zyta said so, and I agree with J. R. Kvist.", "en") == "Zyta | J. R. Kvist");
  CHECK(found("Ayer Zyta de la Kvist dijo que sí.", "es") == "Zyta de la Kvist");
  CHECK(found("Hier, l’amie d’Élodie a parlé à Zyta.", "fr") == "Élodie | Zyta");
}

TEST_CASE("behind a title any word with a capital is a name") {
  CHECK(found("I met Mr. Brown and Mrs. Young.", "en") == "Brown | Young");
  CHECK(found("Frau Sommer sprach mit Herrn Winter.", "de") == "Sommer | Winter");
  CHECK(found("Ho visto la signora Rosa ieri.", "it") == "Rosa");
}

TEST_CASE("ordinary words that begin a sentence, nouns of German, weekdays and headings are no names") {
  CHECK(found("The group met. Maybe on Monday we can speak English, and I'm glad. Don't worry.", "en") == "");
  CHECK(found("Im Gespräch ging es um Vertrauen und die Selbsteinschätzung der Gruppe.", "de") == "");
  CHECK(found("Giving Feedback Without Hurting People", "en") == "");
  CHECK(found("Managing Conflict with Zyta Kvist", "en") == "Zyta Kvist");
  CHECK(found("A Guide for Families by Grace Kvist", "en") == "Grace Kvist");
}

TEST_CASE("greetings, genitives and the next sentence are no part of a name") {
  CHECK(found("Hi Zyta, are you there?", "en") == "Zyta");
  CHECK(found("I asked Zyta's brother.", "en") == "Zyta");
  CHECK(found("I like Zyta. Everybody does. I told Zyta. I mean it.", "en") == "Zyta | Zyta");
}

TEST_CASE("in German a word behind a name belongs to it, although it may be a noun") {
  CHECK(found("Gestern hat Zyta Meister angerufen.", "de") == "Zyta Meister");
}

TEST_CASE("an ordinary word that is a name as well is a name where its language seldom has such a word") {
  CHECK(found("Toro llegó tarde. Luz no escucha.", "es") == "Toro | Luz");
  CHECK(found("El toro llegó tarde, y la luz también.", "es") == "");
  CHECK(found("Die Idee von Salz war gut.", "de") == "Salz");
  CHECK(found("Mit dem Salz war die Suppe gut.", "de") == "");
  CHECK(found("Marco Kvist es mi tutor.", "es") == "Marco Kvist");
}

TEST_CASE("of two who are joined by \"and\" both are names, and so is who signs a letter, or is greeted") {
  CHECK(found("Steuer und Kvist sind nie einer Meinung.", "de") == "Steuer | Kvist");
  CHECK(found("La charla fue buena.\nUn saludo,\nAlma Flores", "es") == "Alma Flores");
  CHECK(found("Danke, Salz, das war gut.", "de") == "Salz");
}

TEST_CASE("an initial that a hyphen joins to a name belongs to it") {
  CHECK(found("Wir fragten H.-Zyta Kvist danach.", "de") == "H.-Zyta Kvist");
}

TEST_CASE("a text tells its own language, whatever the locale") {
  const std::string german = "Das ist die Aufgabe, und wir haben sie mit der Gruppe gelöst.";
  CHECK(lexicon_of(german, words_in(german), "en").language() == "de");
  CHECK(lexicon_of("Feedback", words_in("Feedback"), "de-AT").language() == "de");
  CHECK(found(german, "en") == "");
}
