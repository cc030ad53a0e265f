// Texts and mails as RFC 5322, 2045 and 2047 have them. Python's parser of mails reads them in the component test.
#include "consumers/notifications/providers/mime.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weir;
using namespace weir::notifications;

TEST_CASE("a mail as its bytes") {
  const Mail mail{.from = "weir@example.org",
                  .from_name = "Weir, Inc.",
                  .to = "ada@example.net",
                  .subject = "Done",
                  .text = "Grüße\n",
                  .html = "<p>Grüße</p>",
                  .message_id = "1@example.org",
                  .unsubscribe_url = "https://weir.example/u",
                  .at = from_unix_ms(1'353'088'179'999)};
  CHECK(mime_of(mail) ==
        "From: =?utf-8?B?V2VpciwgSW5jLg==?= <weir@example.org>\r\n"
        "To: ada@example.net\r\n"
        "Subject: Done\r\n"
        "Date: Fri, 16 Nov 2012 17:49:39 +0000\r\n"
        "Message-ID: <1@example.org>\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "List-Unsubscribe: <https://weir.example/u>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/alternative; boundary=\"_weir_alternative_\"\r\n"
        "\r\n"
        "--_weir_alternative_\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "\r\n"
        "R3LDvMOfZQo=\r\n"
        "--_weir_alternative_\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "\r\n"
        "PHA+R3LDvMOfZTwvcD4=\r\n"
        "--_weir_alternative_--\r\n");
}

TEST_CASE("text of a header stands as it is, or in encoded words that hold whole characters") {
  CHECK(header_text("Task coding completed") == "Task coding completed");
  CHECK(header_text("Grüße") == "=?utf-8?B?R3LDvMOfZQ==?=");
  CHECK(header_text("=?utf-8?B?eA==?=") != "=?utf-8?B?eA==?=");
  std::string umlauts;
  for (int i = 0; i < 50; ++i) umlauts += "ü";
  const std::string folded = header_text(umlauts);
  CHECK(std::ranges::count(folded, '\n') == 2);
  CHECK(folded.find("w7zDvMO8") != std::string::npos);
}

TEST_CASE("a line break in a subject makes no header") {
  CHECK(header_text("a\r\nBcc: eve@example.org") == "a  Bcc: eve@example.org");
  CHECK(header_text("ü\nX: y").find('\n') == std::string::npos);
}

TEST_CASE("every line has a length that servers take, and all bytes are ASCII") {
  Mail mail;
  mail.from = "weir@example.org";
  mail.to = "a@b.example";
  for (int i = 0; i < 90; ++i) mail.from_name += "ï";
  mail.subject.assign(300, 'x');
  for (int i = 0; i < 500; ++i) mail.html += "<b>ü</b>\n";
  const std::string bytes = mime_of(mail);
  for (std::size_t begin = 0; begin < bytes.size();) {
    const std::size_t end = bytes.find("\r\n", begin);
    REQUIRE(end != std::string::npos);
    CHECK(end - begin <= 120);
    begin = end + 2;
  }
  CHECK(std::ranges::all_of(bytes, [](char c) { return static_cast<unsigned char>(c) < 128; }));
}
