// URLs that calls may be made to.
#include "common/http/url.hpp"

#include <doctest/doctest.h>

#include <string>

using weir::http::parse_url;

namespace {

std::string canonical(const std::string& text) {
  const auto url = parse_url(text);
  return url ? url->text() : "refused: " + url.error();
}

}  // namespace

TEST_CASE("a URL is put together anew from what was read") {
  CHECK(canonical("https://example.com") == "https://example.com/");
  CHECK(canonical("HTTPS://Example.COM:443/A?b=C") == "https://example.com/A?b=C");
  CHECK(canonical("https://example.com?x") == "https://example.com/?x");
  CHECK(canonical("https://example.com/a#b@c") == "https://example.com/a");
  CHECK(canonical("https://example.com#@evil.com/") == "https://example.com/");
  CHECK(canonical("http://example.com:8080/") == "http://example.com:8080/");
  CHECK(canonical("http://example.com:80/") == "http://example.com/");
  CHECK(canonical("https://example.com:80/") == "https://example.com:80/");
  CHECK(canonical("https://1.2.3.4/x") == "https://1.2.3.4/x");
  CHECK(canonical("https://[2001:DB8::1]:8443/x") == "https://[2001:db8::1]:8443/x");
  CHECK(canonical("https://xn--bcher-kva.example/?q=%C3%BC") == "https://xn--bcher-kva.example/?q=%C3%BC");
  CHECK(canonical("https://a.b.c/@:%40//..") == "https://a.b.c/@:%40//..");
  CHECK(canonical("https://1password.com/") == "https://1password.com/");
  CHECK(canonical("https://4.example/") == "https://4.example/");
}

TEST_CASE("the parts of a URL") {
  const auto url = parse_url("http://[::1]:81/a?b");
  REQUIRE(url.has_value());
  CHECK_FALSE(url->has_tls);
  CHECK(url->host == "::1");
  CHECK(url->address == weir::http::Address::parse("::1"));
  CHECK(url->port == 81);
  CHECK(url->target == "/a?b");
  CHECK_FALSE(parse_url("https://example.com/")->address.has_value());
}

TEST_CASE("a refusal of a URL says why") {
  CHECK(canonical("") == "refused: it begins with neither https:// nor http://");
  CHECK(canonical("ftp://a/") == "refused: it begins with neither https:// nor http://");
  CHECK(canonical("https:/a/") == "refused: it begins with neither https:// nor http://");
  CHECK(canonical("https://") == "refused: it has no host");
  CHECK(canonical("https:///a") == "refused: it has no host");
  CHECK(canonical("https://:443/") == "refused: it has no host");
  CHECK(canonical("https://u:p@a/") == "refused: it has a user's name or password");
  CHECK(canonical("https://a\\b/") == "refused: it has a backslash");
  CHECK(canonical("https://a/b c") == "refused: it has a blank, a control character, or one that is not ASCII");
  CHECK(canonical("https://b\xc3\xbc.de/") == "refused: it has a blank, a control character, or one that is not ASCII");
  CHECK(canonical("https://a%2eb/") == "refused: its host has a percent sign");
  CHECK(canonical("https://[fe80::1%25eth0]/") == "refused: its host has a percent sign");
  CHECK(canonical("https://[::1/") == "refused: its host has no closing bracket");
  CHECK(canonical("https://[::1]x/") == "refused: its host has text behind the bracket");
  CHECK(canonical("https://[1.2.3.4]/") == "refused: its host is no IPv6 address in canonical form");
  CHECK(canonical("https://::1/") == "refused: its port is no number from 1 to 65535");
  for (const char* port : {"", "0", "65536", "080", "8o", "-1", "+1", "999999", "80:80"})
    CHECK(canonical(std::string("https://a:") + port + "/") == "refused: its port is no number from 1 to 65535");
  CHECK(canonical("https://a.b./") == "refused: the host has an empty label");
  CHECK(canonical("https://a..b/") == "refused: the host has an empty label");
  CHECK(canonical("https://-a.b/") == "refused: the host has a label that begins or ends with a hyphen");
  CHECK(canonical("https://a_b/") == "refused: the host has a character that no name has");
  CHECK(canonical("https://" + std::string(64, 'a') + ".b/") == "refused: the host has a label of more than 63 characters");
  std::string name = "a";
  while (name.size() < 254) name += ".a";
  CHECK(canonical("https://" + name + "/") == "refused: the host is longer than a name may be");
  CHECK(canonical("https://a.0x7f/") == "refused: the host is a number that is no address in canonical form");
  CHECK(canonical("https://a/" + std::string(2'048, 'x')) == "refused: it is longer than 2048 characters");
}

TEST_CASE("a server for mails has a scheme of its own, a host and a port") {
  const auto parsed = [](const std::string& text) -> std::string {
    const auto url = weir::http::parse_smtp_url(text);
    if (!url) return "refused";
    CHECK(url->has_tls);
    return url->host + " " + std::to_string(url->port);
  };
  CHECK(parsed("smtp://mail.example") == "mail.example 587");
  CHECK(parsed("SMTP://Mail.example:25/") == "mail.example 25");
  CHECK(parsed("smtp://[::1]:2525") == "::1 2525");
  for (const char* text : {"https://mail.example", "smtps://mail.example", "mail.example", "smtp://", "smtp://u:p@mail.example",
                           "smtp://mail.example/x", "smtp://mail.example?x", "smtp://mail.example:0", "smtp://mail .example", ""}) {
    CAPTURE(text);
    CHECK(parsed(text) == "refused");
  }
  CHECK(canonical("smtp://mail.example") == "refused: it begins with neither https:// nor http://");
}
