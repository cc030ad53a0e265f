#include "common/events/decimal.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <limits>
#include <string>

using namespace weir;
using namespace weir::events;

namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

struct Read {
  const char* text;
  std::int64_t nanos;
};

}  // namespace

TEST_CASE("decimal text is read exactly, whatever its exponent") {
  const Read cases[] = {{"0", 0},
                        {"-0", 0},
                        {"1", 1'000'000'000},
                        {"3623.456", 3'623'456'000'000},
                        {"-0.001", -1'000'000},
                        {"+1.5", 1'500'000'000},
                        {"1.5e-7", 150},
                        {"1.5E-7", 150},
                        {"15e-8", 150},
                        {"0.00000015e0", 150},
                        {"1e9", 1'000'000'000'000'000'000},
                        {"0.0000000001e10", 1'000'000'000},
                        {"1e-99999999999999999999", 0},
                        {"0e99999999999999999999", 0},
                        {"123456789.123456789", 123'456'789'123'456'789},
                        {"9223372036.854775807", kMax},
                        {"-9223372036.854775808", kMin},
                        {"9223372036.8547758074999999999999999999999999999999999999", kMax}};
  for (const Read& one : cases) {
    CAPTURE(one.text);
    REQUIRE(nanos_of_decimal(one.text));
    CHECK(*nanos_of_decimal(one.text) == one.nanos);
  }
}

TEST_CASE("what is finer than 10⁻⁹ is rounded half to even") {
  const Read cases[] = {{"0.0000000005", 0},
                        {"0.0000000015", 2},
                        {"0.0000000025", 2},
                        {"-0.0000000015", -2},
                        {"-0.0000000025", -2},
                        {"0.00000000050000000000000000000000000000000000000000000000001", 1},
                        {"0.00000000049999999999999999999999999999999999999999999999999", 0},
                        {"5e-10", 0},
                        {"5.000000000000000000000000000000000000000000000000000000000001e-10", 1},
                        {"1234567.00000000050000", 1'234'567'000'000'000},
                        {"4e-40", 0}};
  for (const Read& one : cases) {
    CAPTURE(one.text);
    REQUIRE(nanos_of_decimal(one.text));
    CHECK(*nanos_of_decimal(one.text) == one.nanos);
  }
}

TEST_CASE("a number outside of an int64 of 10⁻⁹ is out of the domain, and so are NaN and the infinities") {
  for (const char* text :
       {"9223372036.854775808", "-9223372036.854775809", "9223372036.8547758075", "1e10", "1e400", "-1e99999999999999999999",
        "9223372036854775808", "9999999999999999999", "-9999999999999999999", "99999999999999999999999999999999999999999999999999", "NaN",
        "NAN", "Infinity", "-Infinity", "inf", "POSITIVE_INFINITY"}) {
    CAPTURE(text);
    REQUIRE_FALSE(nanos_of_decimal(text));
    CHECK(nanos_of_decimal(text).error() == DecimalFault::kOutOfDomain);
  }
}

TEST_CASE("other text is not a decimal") {
  for (const char* text :
       {"", "-", "+", ".5", "5.", "1e", "1e+", "1.e5", "0x10", "1,5", " 1", "1 ", "1_000", "Bdw=", "--1", "1e5.5", "nano"}) {
    CAPTURE(text);
    REQUIRE_FALSE(nanos_of_decimal(text));
    CHECK(nanos_of_decimal(text).error() == DecimalFault::kNotADecimal);
  }
}

TEST_CASE("every int64 of 10⁻⁹ survives being written as a decimal") {
  CHECK(rc::check([](std::int64_t nanos, bool scientific) {
    const std::string digits = fmt::format("{:010}", nanos < 0 ? 0 - static_cast<std::uint64_t>(nanos) : static_cast<std::uint64_t>(nanos));
    const std::string sign = nanos < 0 ? "-" : "";
    const std::string text = scientific
                                 ? fmt::format("{}{}e-9", sign, digits)
                                 : fmt::format("{}{}.{}", sign, digits.substr(0, digits.size() - 9), digits.substr(digits.size() - 9));
    RC_ASSERT(nanos_of_decimal(text).value() == nanos);
  }));
}

TEST_CASE("unscaled bytes are the same number as their decimal text") {
  using namespace std::string_literals;
  CHECK(nanos_of_unscaled("\x05\xdc"s, 3).value() == 1'500'000'000);
  CHECK(nanos_of_unscaled("\xff"s, 3).value() == -1'000'000);
  CHECK(nanos_of_unscaled("\x00"s, 0).value() == 0);
  CHECK(nanos_of_unscaled("\x01"s, -9).value() == 1'000'000'000'000'000'000);
  CHECK(nanos_of_unscaled("\x05"s, 10).value() == 0);
  CHECK(nanos_of_unscaled("\x0f"s, 10).value() == 2);
  CHECK(nanos_of_unscaled("\x80\x00\x00\x00\x00\x00\x00\x00"s, 9).value() == kMin);
  CHECK(nanos_of_unscaled("\x7f\xff\xff\xff\xff\xff\xff\xff"s, 9).value() == kMax);
  CHECK(nanos_of_unscaled("\x00\x80\x00\x00\x00\x00\x00\x00\x00"s, 9).error() == DecimalFault::kOutOfDomain);
  CHECK(nanos_of_unscaled("\x27\xe4\x1b\x32\x46\xbe\xc9\xb1\x6e\x39\x81\x15"s, 9).error() == DecimalFault::kOutOfDomain);
  CHECK(nanos_of_unscaled("", 0).error() == DecimalFault::kNotADecimal);
  CHECK(nanos_of_unscaled(std::string(1025, '\0'), 0).error() == DecimalFault::kOutOfDomain);
}

TEST_CASE("unscaled bytes of any length and scale give what their decimal text gives") {
  CHECK(rc::check([](std::int32_t mantissa, std::uint8_t zeros) {
    const std::size_t scale = zeros % 60U;
    // mantissa · 10^scale, unscaled by schoolbook multiplication on bytes, must be the mantissa again.
    std::vector<int> bytes(40, 0);
    auto rest = static_cast<std::uint64_t>(mantissa < 0 ? -static_cast<std::int64_t>(mantissa) : static_cast<std::int64_t>(mantissa));
    for (std::size_t i = bytes.size(); i-- > 0; rest >>= 8U) bytes[i] = static_cast<int>(rest & 0xffU);
    for (std::size_t n = 0; n < scale; ++n) {
      int carry = 0;
      for (std::size_t i = bytes.size(); i-- > 0;) {
        const int value = bytes[i] * 10 + carry;
        bytes[i] = value & 0xff;
        carry = value >> 8;
      }
    }
    if (mantissa < 0) {
      int carry = 1;
      for (std::size_t i = bytes.size(); i-- > 0;) {
        const int value = (~bytes[i] & 0xff) + carry;
        bytes[i] = value & 0xff;
        carry = value >> 8;
      }
    }
    std::string unscaled;
    for (const int byte : bytes) unscaled.push_back(static_cast<char>(byte));
    RC_ASSERT(nanos_of_unscaled(unscaled, static_cast<std::int64_t>(scale)).value() == mantissa * 1'000'000'000LL);
    RC_ASSERT(nanos_of_unscaled(unscaled, static_cast<std::int64_t>(scale) + 9).value() == mantissa);
  }));
}
