// Templates: how they are filled, cut and chosen, and which are refused.
#include "consumers/notifications/pure/template.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

using namespace weir;
using namespace weir::notifications;

namespace {

constexpr const char* kSchema = R"({"properties": {"name": {"type": "string"}, "count": {"type": "number"}, "on": {"type": "boolean"},
  "items": {"type": "array", "items": {"properties": {"text": {"type": "string"}}}}}})";

TemplateRow row_of(Channel channel, std::string body, std::string subject = "") {
  TemplateRow row;
  row.key = "task.completed";
  row.channel = channel;
  row.subject = std::move(subject);
  row.body = std::move(body);
  row.variables = kSchema;
  return row;
}

Template made(TemplateRow row) {
  auto parsed = Template::parse(std::move(row));
  if (!parsed) FAIL(parsed.error());
  return *std::move(parsed);
}

std::string fault(Channel channel, std::string body) {
  const auto parsed = Template::parse(row_of(channel, std::move(body)));
  return parsed ? "" : parsed.error();
}

std::string body(Channel channel, std::string text, const char* variables) {
  const auto texts = made(row_of(channel, std::move(text))).fill(*read_variables(variables));
  if (!texts) FAIL(texts.error());
  return texts->body;
}

}  // namespace

TEST_CASE("a value is escaped for the language of the channel") {
  const char* const variables = R"({"name": "<a> & \"b\""})";
  CHECK(body(Channel::kEmail, "<p>{{name}}</p>", variables) == "<p>&lt;a&gt; &amp; &quot;b&quot;</p>");
  CHECK(body(Channel::kPusher, R"({"n":"{{name}}"})", variables) == R"({"n":"<a> & \"b\""})");
  CHECK(body(Channel::kSlack, "*{{name}}*", variables) == "*&lt;a&gt; &amp; \"b\"*");
  CHECK(body(Channel::kInApp, "{{name}} {{{name}}}", variables) == "<a> & \"b\" <a> & \"b\"");
}

TEST_CASE("the subject is plain, except where it is read as mrkdwn") {
  const auto subject = [](Channel channel) {
    return made(row_of(channel, "x", "{{name}}")).fill(*read_variables(R"({"name": "<!here>"})"))->subject;
  };
  CHECK(subject(Channel::kEmail) == "<!here>");
  CHECK(subject(Channel::kSlack) == "&lt;!here&gt;");
}

TEST_CASE("a number stays one, and what is none has no value, so that JSON stays whole") {
  const std::string text = R"({"c":{{count}},"o":{{on}},"n":"{{name}}"})";
  CHECK(body(Channel::kPusher, text, R"({"count": "3.5", "on": "true", "name": 7})") == R"({"c":3.5,"o":true,"n":"7"})");
  CHECK(body(Channel::kPusher, R"({"o":{{on}}})", R"({"on": false})") == R"({"o":false})");
  CHECK(body(Channel::kInApp, "{{#on}}yes{{/on}}{{^on}}no{{/on}}", R"({"on": false})") == "no");
  CHECK(body(Channel::kInApp, "{{#on}}yes{{/on}}{{^on}}no{{/on}}", R"({"on": true})") == "yes");
  CHECK(body(Channel::kPusher, text, R"({"count": "1}", "name": null})") == R"({"c":null,"o":null,"n":""})");
  const auto texts = made(row_of(Channel::kInApp, "{{count}}")).fill(*read_variables(R"({"count": "3.5"})"));
  CHECK(texts->variables == R"({"count":3.5,"items":null,"name":null,"on":null})");
}

TEST_CASE("lists are gone through, and sections follow what is there") {
  const char* const items = R"({"count": 2, "items": [{"text": "a"}, {"text": "<b>"}]})";
  CHECK(body(Channel::kInApp, "{{count}}:{{#items}} {{text}};{{/items}}{{^name}} nobody{{/name}}", items) == "2: a; <b>; nobody");
  CHECK(body(Channel::kInApp, "{{#items}}x{{/items}}{{^items}}none{{/items}}", "{}") == "none");
}

TEST_CASE("a template that could not be filled safely is refused") {
  CHECK(fault(Channel::kEmail, "{{name}}") == "");
  CHECK(fault(Channel::kEmail, "{{{name}}}").find("unescaped") != std::string::npos);
  CHECK(fault(Channel::kEmail, "{{& name}}").find("unescaped") != std::string::npos);
  CHECK(fault(Channel::kSlack, "{{{name}}}").find("unescaped") != std::string::npos);
  CHECK(fault(Channel::kInApp, "{{> other}}").find("partial") != std::string::npos);
  CHECK(fault(Channel::kInApp, "{{=<% %>=}}").find("delimiters") != std::string::npos);
  CHECK(fault(Channel::kInApp, "{{#name}}").find("body: ") == 0);
  CHECK(fault(Channel::kPusher, "{{name}}").find("no JSON object") != std::string::npos);
  CHECK(fault(Channel::kPusher, R"({"n":{{name}}})").find("no JSON object") != std::string::npos);
  TemplateRow row = row_of(Channel::kInApp, "x");
  row.variables = "[]";
  CHECK(Template::parse(row).error().find("variables") != std::string::npos);
}

TEST_CASE("a template that is too long even without values is refused") {
  CHECK(fault(Channel::kSlack, std::string(3'001, 'x')) == "filled, it has 3001 bytes, and slack takes 3000");
  CHECK(fault(Channel::kSlack, std::string(2'000, 'x')) == "");
}

TEST_CASE("long values are cut with a mark, and all else of the message stays whole") {
  const Template pusher = made(row_of(Channel::kPusher, R"({"n":"{{name}}","c":{{count}}})"));
  const auto texts = pusher.fill({{"name", Variable::of_text(std::string(50'000, 'a'))}, {"count", Variable::of_number("7")}});
  REQUIRE(texts.has_value());
  CHECK(texts->body.size() <= 10'000);
  CHECK(texts->body.size() > 9'900);
  CHECK(texts->body.ends_with("a…\",\"c\":7}"));
  CHECK(texts->variables.size() <= 10'000);
}

TEST_CASE("whatever the values, a message fits into its channel, and in JSON it stays JSON") {
  const Template pusher = made(row_of(Channel::kPusher, R"({"n":"{{name}}","m":"{{name}}"})"));
  const Template push = made(row_of(Channel::kPush, "{{name}}", "{{name}}"));
  CHECK(rc::check([&](const std::string& seed, std::uint16_t repeats) {
    std::string text;
    for (int i = 0; i < repeats % 2'000; ++i) text += seed;
    const auto first = pusher.fill({{"name", Variable::of_text(text)}});
    RC_ASSERT(first.has_value());
    RC_ASSERT(first->body.size() <= 10'000U);
    RC_ASSERT(read_variables(first->body).has_value());
    const auto second = push.fill({{"name", Variable::of_text(text)}});
    RC_ASSERT(second.has_value());
    RC_ASSERT(bytes_in(Channel::kPush, second->subject, second->body) <= 3'500U);
  }));
}

TEST_CASE("the reader's language decides, then its wider form, then English; the organization's own text before the library's") {
  const OrganizationId own{Uuid::random()};
  const OrganizationId other{Uuid::random()};
  TemplateBook book;
  const auto add = [&](const char* locale, std::optional<OrganizationId> organization, int version, const char* text) {
    TemplateRow row = row_of(Channel::kInApp, text);
    row.locale = locale;
    row.organization = organization;
    row.version = version;
    book.add(made(row));
  };
  add("en", {}, 2, "library 2");
  add("en", {}, 1, "library 1");
  add("de", {}, 1, "Bibliothek");
  add("en", own, 1, "own");
  const auto found = [&](const OrganizationId& organization, const char* locale) {
    const Template* const one = book.find(organization, "task.completed", Channel::kInApp, locale);
    return one == nullptr ? "" : one->row().body;
  };
  CHECK(found(other, "en") == "library 2");
  CHECK(found(own, "en") == "own");
  CHECK(found(own, "de-CH-1996") == "Bibliothek");
  CHECK(found(other, "de") == "Bibliothek");
  CHECK(found(own, "fr") == "own");
  CHECK(book.find(own, "task.completed", Channel::kEmail, "en") == nullptr);
  CHECK(book.has(own, "task.completed"));
  CHECK_FALSE(book.has(own, "task.failed"));
}
