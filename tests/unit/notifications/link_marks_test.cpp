// Marks in the texts of mails.
#include "consumers/notifications/pure/link_marks.hpp"

#include "consumers/notifications/pure/texts.hpp"

#include <doctest/doctest.h>

using namespace weir::notifications;

TEST_CASE("each mark becomes the link, and a text without marks stays") {
  const std::string text = std::string("<a href=\"") + std::string(kUnsubscribeMark) + "\">" + std::string(kUnsubscribeMark) + "</a>";
  CHECK(with_link(text, kUnsubscribeMark, "https://x.example/u/t") == "<a href=\"https://x.example/u/t\">https://x.example/u/t</a>");
  CHECK(with_link(text, kConfirmMark, "https://x.example/c/t") == text);
  CHECK(with_link("", kConfirmMark, "https://x.example/c/t").empty());
}

TEST_CASE("a link that holds a mark is not filled again") {
  const std::string link = "https://x.example/?" + std::string(kConfirmMark);
  CHECK(with_link(std::string(kConfirmMark), kConfirmMark, link) == link);
}

TEST_CASE("a mark passes through the escaping of every language as it is") {
  for (const Language language : {Language::kPlain, Language::kHtml, Language::kJson, Language::kSlack}) {
    CHECK(escaped(kUnsubscribeMark, language) == kUnsubscribeMark);
    CHECK(escaped(kConfirmMark, language) == kConfirmMark);
  }
}
