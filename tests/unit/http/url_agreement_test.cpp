// libcurl must read the host and port that were checked, and no others: two readings of one URL are how a guard is passed.
#include "common/http/url.hpp"

#include "tests/unit/http/hostile_urls.hpp"

#include <doctest/doctest.h>

#include <curl/curl.h>

#include <memory>
#include <random>
#include <string>

using weir::http::parse_url;
using weir::http::Url;

namespace {

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK) return "";
  const std::unique_ptr<char, decltype(&curl_free)> owner(text, &curl_free);
  return text;
}

/// What the two do not agree on; "" where they agree.
std::string difference(const Url& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> theirs(curl_url(), &curl_url_cleanup);
  if (curl_url_set(theirs.get(), CURLUPART_URL, url.text().c_str(), 0) != CURLUE_OK) return "libcurl cannot read it";
  const bool is_v6 = url.address && url.address->is_v6;
  if (part(theirs.get(), CURLUPART_HOST) != (is_v6 ? "[" + url.host + "]" : url.host)) return "the host";
  if (part(theirs.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT) != std::to_string(url.port)) return "the port";
  if (part(theirs.get(), CURLUPART_SCHEME) != (url.has_tls ? "https" : "http")) return "the scheme";
  if (!part(theirs.get(), CURLUPART_USER).empty() || !part(theirs.get(), CURLUPART_PASSWORD).empty()) return "a user";
  return "";
}

/// Whether everything that must hold of a text holds: it is refused, or it is read the same by libcurl and when it is read again.
std::string fault_of(const std::string& text) {
  const auto url = parse_url(text);
  if (!url) return "";
  const auto again = parse_url(url->text());
  if (!again) return "it is refused when it is read again: " + again.error();
  if (again->text() != url->text()) return "it is read differently again";
  return difference(*url);
}

}  // namespace

TEST_CASE("libcurl reads the host and port of a URL as they were checked") {
  for (const char* text :
       {"https://example.com", "HTTPS://Example.COM:8443/A?b=C#d", "http://1.2.3.4:81/x", "https://[2001:DB8::1]/x",
        "https://example.com?x@y", "https://example.com/@other.com", "https://example.com#@other.com/", "https://a/../b"}) {
    CAPTURE(std::string(text));
    REQUIRE(parse_url(text).has_value());
    CHECK(fault_of(text) == "");
  }
  for (const std::string_view text : weir::testing::kHostileUrls) {
    CAPTURE(std::string(text));
    CHECK(fault_of(std::string(text)) == "");
  }
}

TEST_CASE("every text made of the characters that parsers stumble over is refused, or read the same by libcurl") {
  std::mt19937_64 random(1);
  constexpr std::string_view kPieces[] = {"https://", "http://",  "//", "/",  "\\", "@",   ":",    "?",    "#",    "%2e", "%00", ".",
                                          "..",       "[",        "]",  "::", "1",  "127", "0x7f", "0177", "443",  "80",  "a",   "A",
                                          "example",  ".com",     "-",  "_",  "~",  "&",   ";",    "=",    "+",    "*",   " ",   "\t",
                                          "\x7f",     "\xc2\xad", "|",  "^",  "`",  "'",   "\"",   "<",    "ffff", "{",   "}",   "$"};
  int read = 0;
  for (int turn = 0; turn < 50'000; ++turn) {
    std::string text = turn % 8 == 0 ? "" : "https://";
    for (std::uint64_t i = 1 + random() % 8; i > 0; --i) text += kPieces[random() % std::size(kPieces)];
    const std::string fault = fault_of(text);
    read += parse_url(text) ? 1 : 0;
    if (!fault.empty()) FAIL_CHECK(text << ": " << fault);
  }
  CHECK(read > 500);
}
