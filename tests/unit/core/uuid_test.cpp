#include "common/core/uuid.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <random>

using namespace weir;

TEST_CASE("a uuid reads and prints its canonical form") {
  const auto id = Uuid::parse("7D0F8F2A-55f5-4fd6-8f4c-0a1b2c3d4e5f");
  REQUIRE(id);
  CHECK(id->text() == "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f");
  for (const char* text : {"", "7d0f8f2a55f54fd68f4c0a1b2c3d4e5f", "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5",
                           "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5g", "7d0f8f2a_55f5-4fd6-8f4c-0a1b2c3d4e5f"}) {
    CHECK_MESSAGE(!Uuid::parse(text), text);
  }
}

TEST_CASE("version 5 gives the value of RFC 9562's example") {
  const auto dns = Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  CHECK(Uuid::v5(*dns, "www.example.com").text() == "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST_CASE("random uuids say version 4 and differ") {
  const Uuid a = Uuid::random();
  CHECK(a.text()[14] == '4');
  CHECK(a != Uuid::random());
}

TEST_CASE("uuids are ordered by their bytes, as Postgres orders them") {
  std::mt19937 random(4);
  for (int i = 0; i < 2'000; ++i) {
    Uuid a;
    for (std::uint8_t& byte : a.bytes) byte = static_cast<std::uint8_t>(random() % 3 * 127);
    Uuid b = a;
    b.bytes[random() % b.bytes.size()] = static_cast<std::uint8_t>(random() % 3 * 127);
    const int order = std::memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size());
    CHECK((a == b) == (order == 0));
    CHECK((a < b) == (order < 0));
    CHECK((a > b) == (order > 0));
  }
}
