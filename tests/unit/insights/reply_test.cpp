#include "consumers/insights/pure/reply.hpp"

#include "tests/unit/insights/findings.hpp"

#include "common/core/json.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::insights;
using weir::testing::next_module;
using weir::testing::row_id;

namespace {

constexpr std::string_view kNonce = "beefcafe";

const Prompt& prompt() {
  static const Prompt made(next_module("Zyta and Kvist and https://x.example/a"), "en", {});
  return made;
}

std::string reply(std::string_view title, std::string_view body, std::string_view evidence = R"(["E1"])") {
  std::string out;
  JsonWriter(out).begin_object().member("title", title).member("body", body).name("evidence").json(evidence).end_object();
  return out;
}

std::string fault(std::string_view json) {
  const auto wording = read_reply(json, prompt(), kNonce);
  return wording ? "" : wording.error();
}
std::string fault_of_body(std::string_view body) { return fault(reply("Title", body)); }

constexpr const char* kPlaceholder = "body has a placeholder that is not the prompt's";
constexpr const char* kLink = "body has a link";

}  // namespace

TEST_CASE("a valid reply is kept without the nonce, and put back for the reader") {
  const auto wording = read_reply(reply("For [[P1:beefcafe]]", "Ask [[P2:beefcafe]]: it helps.", R"(["E2","E1","E2"])"), prompt(), kNonce);
  REQUIRE(wording.has_value());
  CHECK(*wording == Wording{"For [[P1]]", "Ask [[P2]]: it helps.", {1, 2}});
  const auto words = put_back(*wording, prompt());
  REQUIRE(words.has_value());
  CHECK(*words == Words{"For Zyta", "Ask Kvist: it helps.", {row_id(1), row_id(2)}});
}

TEST_CASE("a cached wording is read back as it was, and put back for another reader by the reader's own prompt") {
  const Wording wording{"For [[P1]]", "Ask \"[[P2]]\".", {2}};
  CHECK(read_cached(cached(wording), prompt()) == wording);
  const Prompt other(next_module("Bolko and Trzin and https://y.example/b"), "en", {});
  CHECK(put_back(*read_cached(cached(wording), other), other)->title == "For Bolko");
  CHECK_FALSE(read_cached(R"({"title":"[[P9]]","body":"b","evidence":["E1"]})", prompt()).has_value());
}

TEST_CASE("a reply that does not fit the schema is refused") {
  CHECK(fault("") == "the reply is no JSON object");
  CHECK(fault("Sure! {\"title\":\"a\"}") == "the reply is no JSON object");
  CHECK(fault("[]") == "the reply is no JSON object");
  for (const char* json : {"{}", R"({"title":"a","body":"b"})", R"({"title":1,"body":"b","evidence":["E1"]})",
                           R"({"title":"a","body":"b","evidence":"E1"})", R"({"title":"a","body":"b","evidence":["E1"],"more":1})"}) {
    CAPTURE(json);
    CHECK(fault(json) == "the reply does not fit the schema");
  }
  CHECK(fault(reply("", "b")) == "title is empty or too long");
  CHECK(fault(reply("a", std::string(2'000, 'x'))) == "body is empty or too long");
}

TEST_CASE("placeholders are matched exactly: altered, unknown and literal ones are refused") {
  CHECK(fault_of_body("[[P1:beefcafe]]").empty());
  for (const char* body : {"[[P3x:beefcafe]]",
                           "[[P9:beefcafe]]",
                           "[[P0:beefcafe]]",
                           "[[P01:beefcafe]]",
                           "[[p1:beefcafe]]",
                           "[[P1:BEEFCAFE]]",
                           "[[P1: beefcafe]]",
                           "[[P1:deadbeef]]",
                           "[[P1]]",
                           "[P1:beefcafe]",
                           "[P1]",
                           "[[P1:beefcafe]",
                           "[[P1:beefcafe",
                           "[[ P1:beefcafe]]",
                           "[[P1:beefcafe]]]]",
                           "[[E1]]",
                           "beefcafe",
                           "P1:beefcafe",
                           "[[P1:beefcafe:beefcafe]]",
                           "[[P99999999999999999999:beefcafe]]"}) {
    CAPTURE(body);
    CHECK(fault_of_body(body) == kPlaceholder);
  }
}

TEST_CASE("evidence is the finding's rows by their labels, and nothing else") {
  CHECK(fault(reply("a", "b", R"(["E1","E2"])")).empty());
  for (const char* evidence : {R"(["E3"])", R"(["E0"])", R"(["e1"])", R"([1])", R"(["00000000-0000-4000-8000-000000000001"])",
                               R"(["E1","E9"])", R"(["E1 "])", R"([null])"}) {
    CAPTURE(evidence);
    CHECK(fault(reply("a", "b", evidence)) == "evidence names a row that is not the finding's");
  }
  CHECK(fault(reply("a", "b", "[]")) == "evidence is empty");
}

TEST_CASE("a reply with a link of any kind is refused") {
  for (const char* body : {"see http://x.example", "see HTTPS://x", "custom+scheme://x", "www.x.example", "x.example/path", "weir.io",
                           "mail a@b.example", "mailto:a@b", "javascript:alert(1)", "data:text/html;base64,AA", "tel:+49",
                           "x\uff0eexample\uff0fpath", "https\uff1a//x.example", "xmpp:anna"}) {
    CAPTURE(body);
    CHECK(fault_of_body(body) == kLink);
  }
  for (const char* body : {"[here](target)", "<a href='x'>", "<img src=x>", "</p>", "<!-- -->", "&#x68;ttp"}) {
    CAPTURE(body);
    CHECK(fault_of_body(body) == "body has markup");
  }
  CHECK(fault_of_body("It rose by 4.5 points: well done, e.g. here; 3 < 4 and 10:30.").empty());
}

TEST_CASE("control characters and marks of direction are refused, wherever they stand") {
  for (const char* body : {"a\nb", "a\tb", "a\x1b[31m", "a\u202eb", "a\u2066b", "a\u200bb", "a\ufeff", "a\u0085", "a\u00adb", "\U000e0041"})
    CHECK(fault_of_body(body) == "body has a control character");
  CHECK(fault(reply("a\u202eb", "b")) == "title has a control character");
}

TEST_CASE("a placeholder whose text is a link is not put back") {
  const auto wording = read_reply(reply("Title", "go to [[P3:beefcafe]]"), prompt(), kNonce);
  REQUIRE(wording.has_value());
  CHECK(put_back(*wording, prompt()).error() == "put back, the text has a link");
}

TEST_CASE("a fault says nothing of the reply's text") {
  for (const std::string& json : {reply("secret", "see http://secret"), reply("secret", "[[P9:secret]]"), reply("a", "b", R"(["secret"])")})
    CHECK(fault(json).find("secret") == std::string::npos);
}

TEST_CASE("without a nonce no reply is read") { CHECK_FALSE(read_reply(reply("a", "[[P1]]"), prompt(), "").has_value()); }
