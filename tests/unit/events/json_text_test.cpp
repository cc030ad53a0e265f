// Tokens by their text, a walk that checks values which no reader needs, and steps of a JSON Pointer.
#include "common/events/json_text.hpp"

#include "tests/unit/events/json_value.hpp"

using namespace weir::events;
using testing::with_object;
using testing::with_value;

namespace {

TokenKind kind_of(std::string_view json) {
  return with_value(json, [](ondemand::value& value) { return token_of(value).kind; });
}

bool walks(std::string_view json, int depth = kWalkDepth) {
  return with_value(json, [depth](ondemand::value& value) { return walk(value, depth); });
}

}  // namespace

TEST_CASE("a token is judged whole") {
  CHECK(kind_of("\"a\"") == TokenKind::kString);
  CHECK(kind_of("-1.5e+3 ") == TokenKind::kNumber);
  CHECK(kind_of("true") == TokenKind::kTrue);
  CHECK(kind_of("false") == TokenKind::kFalse);
  CHECK(kind_of("null") == TokenKind::kNull);
  CHECK(kind_of("[1]") == TokenKind::kArray);
  CHECK(kind_of("{}") == TokenKind::kObject);
  for (const char* broken : {"truth", "nul", "01", "1.", "+1", "1e", "-"}) {
    CAPTURE(broken);
    CHECK(kind_of(broken) == TokenKind::kBroken);
  }
}

TEST_CASE("a whole number has neither fraction nor exponent nor a zero before it") {
  for (const char* whole : {"0", "-0", "12", "-9223372036854775809"}) CHECK(is_json_integer(whole));
  for (const char* other : {"", "-", "00", "1.0", "1e1", " 1"}) CHECK_FALSE(is_json_integer(other));
}

TEST_CASE("a text is unescaped where it has escapes, and a broken escape is found") {
  const auto text = [](std::string_view json) {
    return with_value(json, [](ondemand::value& value) {
      std::string_view out;
      return text_of(value, token_of(value), out) ? std::string(out) : std::string("broken");
    });
  };
  CHECK(text(R"("plain")") == "plain");
  CHECK(text(R"("a\"\u00e9\n")") == "a\"\u00e9\n");
  CHECK(text(R"("a\x")") == "broken");
}

TEST_CASE("a walk finds a fault at any depth that it may walk, and refuses a deeper value") {
  CHECK(walks(R"({"a":[1,{"b":null}],"c":"d"})"));
  CHECK_FALSE(walks(R"({"a":[1,{"b":nul}]})"));
  CHECK_FALSE(walks("[1 2]"));
  CHECK(walks("[[1]]", 2));
  CHECK_FALSE(walks("[[[1]]]", 2));
}

TEST_CASE("the bytes of a value that was walked through are known, without the space behind them") {
  with_object(R"({"v": {"a": 1}  , "w": 2})", [](ondemand::document& document, ondemand::object& object) {
    ondemand::value value;
    REQUIRE(object["v"].get(value) == simdjson::SUCCESS);
    const char* const first = token_of(value).text.data();
    REQUIRE(walk(value, kWalkDepth));
    std::string_view bytes;
    REQUIRE(bytes_since(first, document, bytes));
    CHECK(bytes == R"({"a": 1})");
  });
}

TEST_CASE("a step of a pointer has ~ and / escaped") {
  std::string pointer = "/after";
  append_step(pointer, "a/b~c");
  CHECK(pointer == "/after/a~1b~0c");
}

TEST_CASE("a copy has its padding behind it, and gives a large text's memory back") {
  PaddedText text;
  const auto padded = text.assign("{}");
  CHECK(std::string_view(padded) == "{}");
  CHECK(padded.capacity() >= 2 + simdjson::SIMDJSON_PADDING);
  static_cast<void>(text.assign(std::string(1'000, ' ')));
  text.shrink(100);
  CHECK(text.assign("[]").capacity() == 2 + simdjson::SIMDJSON_PADDING);
}
