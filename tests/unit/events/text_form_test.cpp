// The forms that a text may have, each with texts that just have it and texts that just do not.
#include "common/events/rules.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace weir::events;

namespace {

struct Form {
  TextForm form;
  std::vector<std::string> fit;
  std::vector<std::string> other;
};

const std::string kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

}  // namespace

TEST_CASE("each form takes what it should, and nothing beside it") {
  const std::vector<Form> forms{
      {TextForm::kAny, {"", "\x01"}, {}},
      {TextForm::kPlain, {"", "a \u00e9"}, {"a\n", "\x7f"}},
      {TextForm::kPrintable, {"", "a~!"}, {"a b", "\u00e9", "\x7f"}},
      {TextForm::kName, {"a", "a.b_1", std::string(64, 'a')}, {"", "1a", "A", "a-b", std::string(65, 'a')}},
      {TextForm::kUuid, {"00000000-0000-4000-8000-0000000000b1"}, {"", "00000000-0000-4000-8000-0000000000b"}},
      {TextForm::kTime,
       {"2026-11-18T01:02:03Z", "1970-01-01T00:00:00.123456789+01:00", "2999-12-31T23:59:59-00:30", "2026-11-18t01:02:03z"},
       {"2026-11-18 01:02:03Z", "1969-12-31T23:59:59Z", "3000-01-01T00:00:00Z", "2026-11-18T01:02:03", "2026-11-18T01:02:60Z",
        "2026-11-18T01:02:03+01", "2026-02-30T00:00:00Z"}},
      {TextForm::kTraceparent, {kTrace}, {kTrace + "0", "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ""}},
      {TextForm::kJsonType,
       {"application/json", "application/json; charset=utf-8", "application/cloudevents+json", "text/json", "Application/A.b+c+JSON ;x"},
       {"application/xml", "application/+json", "application/json\n", "json", "/json", "application/jsonx", "a b/json"}},
      {TextForm::kBase64, {"", "e30=", "e30+"}, {"e30", "e31=", "e30-", "e30=\n"}},
  };
  for (const Form& row : forms) {
    for (const std::string& text : row.fit) {
      CAPTURE(text);
      CHECK(has_form(row.form, text));
    }
    for (const std::string& text : row.other) {
      CAPTURE(text);
      CHECK_FALSE(has_form(row.form, text));
    }
  }
}

TEST_CASE("a character of UTF-8 counts once") {
  CHECK(characters_of("") == 0);
  CHECK(characters_of("a\u00e9\u20ac\U0001F600") == 4);
}
