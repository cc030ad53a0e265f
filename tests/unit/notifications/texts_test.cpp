// Texts on their way into a message.
#include "consumers/notifications/pure/texts.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

using weir::notifications::cut;
using weir::notifications::escaped;
using weir::notifications::Language;

TEST_CASE("a text is escaped for the language of its channel") {
  const std::string text = "<b>\"Tom\" & 'Ann'\n*</b>";
  CHECK(escaped(text, Language::kPlain) == text);
  CHECK(escaped(text, Language::kHtml) == "&lt;b&gt;&quot;Tom&quot; &amp; &#39;Ann&#39;\n*&lt;/b&gt;");
  CHECK(escaped(text, Language::kJson) == "<b>\\\"Tom\\\" & 'Ann'\\n*</b>");
  CHECK(escaped(text, Language::kSlack) == "&lt;b&gt;\"Tom\" &amp; 'Ann'\n*&lt;/b&gt;");
}

TEST_CASE("a mention or a link of Slack is a text like any other") {
  CHECK(escaped("<!channel> <@U1> <https://example.com|here>", Language::kSlack) ==
        "&lt;!channel&gt; &lt;@U1&gt; &lt;https://example.com|here&gt;");
}

TEST_CASE("an escaped text can no longer leave its place") {
  CHECK(rc::check([](const std::string& text) {
    RC_ASSERT(escaped(text, Language::kHtml).find_first_of("<>\"'") == std::string::npos);
    RC_ASSERT(escaped(text, Language::kSlack).find_first_of("<>") == std::string::npos);
    const std::string json = escaped(text, Language::kJson);
    for (std::size_t i = 0; i < json.size(); ++i) {
      RC_ASSERT(static_cast<unsigned char>(json[i]) >= 0x20);
      RC_ASSERT(json[i] != '"');
      if (json[i] == '\\') ++i;
    }
  }));
}

TEST_CASE("a text that fits is not cut") {
  CHECK(cut("", 0) == "");
  CHECK(cut("abc", 3) == "abc");
  CHECK(cut("äöü", 6) == "äöü");
}

TEST_CASE("a text that is too long ends with a mark, and no character is torn") {
  CHECK(cut("abcdef", 5) == "ab…");
  CHECK(cut("äöüäöü", 6) == "ä…");
  CHECK(cut("äöüäöü", 7) == "äö…");
  CHECK(cut("a\xf0\x9f\x98\x80zzz", 6) == "a…");
  CHECK(cut("a\xf0\x9f\x98\x80zzz", 8) == "a\xf0\x9f\x98\x80zzz");
  CHECK(cut("abcd", 3) == "…");
  CHECK(cut("abcd", 2) == "ab");
  CHECK(cut("äb", 1) == "");
}

TEST_CASE("whatever the text, no more bytes are left than may be") {
  CHECK(rc::check([](const std::string& text) {
    for (std::size_t most = 0; most <= text.size() + 1; ++most) {
      RC_ASSERT(cut(text, most).size() <= most);
      if (text.size() <= most) RC_ASSERT(cut(text, most) == text);
    }
  }));
}
