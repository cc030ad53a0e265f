// The text of a mail, made of its HTML.
#include "consumers/notifications/pure/plain_text.hpp"

#include <doctest/doctest.h>

#include <string>

using weir::notifications::plain_text_of;

TEST_CASE("paragraphs stand apart, breaks begin a line, and blanks are as HTML shows them") {
  CHECK(plain_text_of("<p>Task  essay\n failed</p><p>Again</p>") == "Task essay failed\n\nAgain\n");
  CHECK(plain_text_of("a<br>b<BR/>c") == "a\nb\nc\n");
  CHECK(plain_text_of("<h1> Title </h1><div>one</div><div>two</div>") == "Title\n\none\ntwo\n");
  CHECK(plain_text_of("<b>bold</b> and <i>thin</i>") == "bold and thin\n");
  CHECK(plain_text_of("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>") == "a b\nc\n");
}

TEST_CASE("a list has a line an item") {
  CHECK(plain_text_of("<p>You have 2:</p><ul><li>One</li><li>Two &amp; a half</li></ul>after") ==
        "You have 2:\n\n- One\n- Two & a half\n\nafter\n");
}

TEST_CASE("a link says where it leads, unless its text does") {
  CHECK(plain_text_of(R"(<p><a href="https://x.example/?a=1&amp;b=2">Unsubscribe</a></p>)") ==
        "Unsubscribe (https://x.example/?a=1&b=2)\n");
  CHECK(plain_text_of("<a class='b' href='https://x.example/'>https://x.example/</a>") == "https://x.example/\n");
  CHECK(plain_text_of("<a>none</a> <a data-href=\"y\">other</a>") == "none other\n");
}

TEST_CASE("entities become their characters, and an \"&\" that begins no entity stays") {
  CHECK(plain_text_of("&lt;b&gt; &quot;x&quot; &#39;y&#x27; &#228;&#x1F600;") == "<b> \"x\" 'y' ä😀\n");
  CHECK(plain_text_of("a & b &unknown; &#0; &#xD800; &amp;lt;") == "a & b &unknown; &#0; &#xD800; &lt;\n");
}

TEST_CASE("elements that are not shown are left out, and a \"<\" that begins no tag stays") {
  CHECK(plain_text_of("<head><title>T</title><style>p { }</style></head><!-- <p>no</p> --><script>if (a < b) {}</script>yes") == "yes\n");
  CHECK(plain_text_of("1 < 2 and 3 > 2") == "1 < 2 and 3 > 2\n");
  CHECK(plain_text_of("open <b") == "open <b\n");
  CHECK(plain_text_of("<!-- open") == "");
  CHECK(plain_text_of("") == "");
}

TEST_CASE("a large text takes time in proportion to its size") {
  std::string html;
  for (int i = 0; i < 20'000; ++i) html += "<a href=\"x\">y</a>";
  for (int i = 0; i < 200'000; ++i) html += "<a";
  CHECK(plain_text_of(html).size() > 400'000);
}
