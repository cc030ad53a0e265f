#include "tests/unit/insights/findings.hpp"

#include "consumers/insights/pure/words.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace weir;
using namespace weir::insights;
using weir::testing::next_module;

namespace {

struct Row {
  std::string pattern;
  std::vector<std::string> classes;
  std::map<std::string, Value> facts;
};

/// Every pattern and recommendation, with the facts that it has.
std::vector<Row> rows() {
  const Value dimension = Word{"dimension.empathy"};
  return {
      {"repeated_low", {"low", "very_low"}, {{"dimension", dimension}, {"times", std::int64_t{3}}, {"t_score", 31.5}}},
      {"reliable_change", {"improving", "declining"}, {{"dimension", dimension}, {"points", 12.5}}},
      {"student_declining", {"declining"}, {{"dimension", dimension}, {"points", 12.5}}},
      {"divergence", {"apart", "widening"}, {{"higher", dimension}, {"lower", Word{"dimension.listening"}}, {"points", 21.0}}},
      {"engagement_drop", {"below_half", "stopped"}, {{"usual", 5.5}, {"lately", 1.0}, {"percent", std::int64_t{20}}}},
      {"student_disengaging", {"below_half", "stopped"}, {{"usual", 5.5}, {"lately", 1.0}, {"percent", std::int64_t{20}}}},
      {"streak_at_risk", {"2026-11-29"}, {{"days", std::int64_t{12}}, {"until", Instant{}}}},
      {"time_of_day",
       {"morning", "night"},
       {{"daytime", Word{"daytime.morning"}}, {"minute_of_day", std::int64_t{540}}, {"days", std::int64_t{9}}}},
      {"next_module", {"need", "fit", "begun"}, next_module("Listening").facts},
      {"agent_degradation", {"failing"}, {{"agent", std::string("scorer")}, {"success_before", 99.0}, {"success_now", 80.5}}},
      {"agent_degradation", {"slowing"}, {{"agent", std::string("scorer")}, {"ms_before", 100.0}, {"ms_now", 900.0}}},
      {"agent_degradation",
       {"failing_and_slowing"},
       {{"agent", std::string("scorer")}, {"success_before", 99.0}, {"success_now", 80.5}, {"ms_before", 100.0}, {"ms_now", 900.0}}},
  };
}

}  // namespace

TEST_CASE("every pattern has a text of its own in every language, for each of its classes") {
  std::set<std::string> bodies_of_all;
  for (const char* locale : {"en", "de", "es", "fr", "it", "nl", "pl", "pt"}) {
    CHECK(bodies_of_all.insert(template_words({.pattern = "unheard of"}, locale).body).second);
    std::set<std::string> bodies;
    const Words any = template_words({.pattern = "unheard of"}, locale);
    for (const Row& row : rows()) {
      for (const std::string& classed : row.classes) {
        CAPTURE(locale);
        CAPTURE(row.pattern);
        const Words words = template_words({.pattern = row.pattern, .classed = classed, .facts = row.facts}, locale);
        CHECK(words.title != any.title);
        CHECK_FALSE(words.body.empty());
        for (const std::string& text : {words.title, words.body}) {
          CHECK(text.find_first_of("{}") == std::string::npos);
          CHECK(text.find("  ") == std::string::npos);
        }
        bodies.insert(words.body);
      }
    }
    CHECK(bodies.size() >= 14);
  }
}

TEST_CASE("a finding without its facts has a text all the same") {
  CHECK(template_words({.pattern = "repeated_low"}, "en") == template_words({.pattern = "unheard of"}, "en"));
  CHECK_FALSE(template_words({}, "").title.empty());
}

TEST_CASE("values are written as the language writes them") {
  CHECK(value_text(4.54, "en") == "4.5");
  CHECK(value_text(4.54, "de-AT") == "4,5");
  CHECK(value_text(4.0, "de") == "4");
  CHECK(value_text(std::int64_t{12'345}, "de") == "12345");
  CHECK(value_text(Word{"dimension.perspective_taking"}, "en") == "perspective taking");
  CHECK(value_text(Word{"dimension.perspective_taking"}, "de") == "Perspektivwechsel");
  CHECK(word_text("dimension.perspective_taking", "fr-CA") == "prise de perspective");
  CHECK(word_text("dimension.perspective_taking", "sv") == "perspective taking");
}

TEST_CASE("people's words in a text are shown as they are: without characters that steer, cut, and with slots that mean nothing") {
  CHECK(template_words(next_module("a\u202eb\n{rank}"), "en").title == "Next for you: ab {rank}");
  CHECK(template_words(next_module(std::string(500, 'x')), "en").title.size() < 250);
}
