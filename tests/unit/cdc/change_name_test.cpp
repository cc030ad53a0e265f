#include "producers/cdc/change_name.hpp"

#include "tests/unit/cdc/pgoutput_bytes.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cdc;
namespace bytes = weir::cdc::testing;

TEST_CASE("bytes are shown as a person can read them") { CHECK(escaped("caf\xe9\n \"x\"") == "caf\\xe9\\x0a \"x\""); }

TEST_CASE("a change with a byte that is not ASCII is named by its table and its identity") {
  ChangeNames names;
  const auto told = [&](const std::string& message) { return names.take(pgoutput::decode(message).value()).value_or("-"); };
  CHECK(told(bytes::relation(1, "public", "say \"hi\"", {{"id", 20, true}, {"v", 25}})) == "-");
  CHECK(told(bytes::insert(1, {"1", "plain"})) == "-");
  CHECK(told(bytes::insert(1, {"1", "caf\xe9"})) == "table public.say \"hi\", id=1");
  CHECK(told(bytes::update(1, 'N', {}, {"2", "\x81"})) == "table public.say \"hi\", id=2");
  CHECK(told(bytes::erase(1, 'K', {"\x81", std::nullopt})) == "table public.say \"hi\", id=\\x81");
  CHECK(told(bytes::insert(7, {"\x81"})) == "-");
  CHECK(told(bytes::begin(1)) == "-");
}
