// Base64 by RFC 4648: what is written is read, and nothing else.
#include "common/core/base64.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <utility>
#include <vector>

using weir::base64;
using weir::base64_decoded;
using weir::base64url;
using weir::base64url_decoded;

TEST_CASE("the examples of the RFC, both ways") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : rows) {
    CHECK(base64(bytes) == text);
    CHECK(base64_decoded(text) == bytes);
  }
  CHECK(base64_decoded("AP8Q") == std::string("\x00\xff\x10", 3));
}

TEST_CASE("base64 is read with its padding, and nothing else is") {
  for (const char* text : {"A", "AA", "AAA", "A===", "====", "AA=A", "AA A", "A A=", "AAA-", "AAAA\n", "Bdw=Bdw=", "AAB=", "/x=="}) {
    CHECK_MESSAGE(!base64_decoded(text), text);
  }
}

TEST_CASE("in URLs other letters stand for + and /, and there is no padding") {
  CHECK(base64url("\xfb\xff") == "-_8");
  CHECK(base64url(std::string(32, '\0')) == std::string(43, 'A'));
}

TEST_CASE("base64 of URLs is read as it is written: no other letters, no padding, no loose bits") {
  CHECK(base64url_decoded("-_8") == "\xfb\xff");
  CHECK(base64url_decoded("") == "");
  for (const char* text : {"A", "+_8", "-/8", "-_8=", "-_9", "AAAAA", "-_8\n", "AB CD"}) CHECK_MESSAGE(!base64url_decoded(text), text);
}

TEST_CASE("whatever the bytes, they come back; whatever is read was written so") {
  CHECK(rc::check([](const std::string& bytes) { RC_ASSERT(base64_decoded(base64(bytes)) == bytes); }));
  CHECK(rc::check([] {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ABab01+/=")));
    if (const auto bytes = base64_decoded(text)) RC_ASSERT(base64(*bytes) == text);
  }));
}
