#include "consumers/insights/pure/identifiers.hpp"

#include "tests/unit/insights/spans_of.hpp"

#include <doctest/doctest.h>

using namespace weir::insights;

namespace {

std::string found(std::string_view text) { return weir::testing::covered(text, identifiers(text)); }

}  // namespace

TEST_CASE("telephone numbers are found as people write them") {
  for (const char* number : {"+49 30 1234567", "(555) 123-4567", "555-123-4567x890", "0171/1234567", "06 12 34 56 78", "001-555-123-4567",
                             "+48 600 700 800", "731.224.8250", "030 1234567", "+1-202-555-0101 ext. 12"}) {
    CAPTURE(number);
    CHECK(found("call " + std::string(number) + " now") == number);
  }
}

TEST_CASE("cards, accounts, ids and addresses of machines are found") {
  CHECK(found("card 4111 1111 1111 1111 ok") == "4111 1111 1111 1111");
  CHECK(found("IBAN DE89 3704 0044 0532 0130 00 please") == "DE89 3704 0044 0532 0130 00");
  CHECK(found("iban GB82WEST12345698765432.") == "GB82WEST12345698765432");
  CHECK(found("id 6ba7b810-9dad-11d1-80b4-00c04fd430c8!") == "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  CHECK(found("from 192.168.1.254 or 2001:db8::8a2e:370:7334 or ::1") == "192.168.1.254 | 2001:db8::8a2e:370:7334 | ::1");
  CHECK(found("MAC 00:1a:2b:3c:4d:5e") == "00:1a:2b:3c:4d:5e");
  CHECK(found("licence AB123456, tax RSSMRA85T10A562S, ssn 123-45-6789, cpf 123.456.789-09") ==
        "AB123456 | RSSMRA85T10A562S | 123-45-6789 | 123.456.789-09");
  CHECK(found("ask @anna_92 or @b.c today") == "@anna_92 | @b.c");
  CHECK(found("key sk_live_4eC39HqLyjWDarjtT1zdp7dc") == "sk_live_4eC39HqLyjWDarjtT1zdp7dc");
}

TEST_CASE("text that looks like a placeholder is found, whole or in part") {
  CHECK(found("say [[P1:abcd]] or [[P2]] or [[ or ]]") == "[[P1:abcd]] | [[P2]] | [[ or ]]");
  CHECK(found("[[[P1]]]") == "[[[P1]]]");
  CHECK(found("[1] and a[0][1]") == "");
}

TEST_CASE("amounts, dates, times and short numbers are none") {
  CHECK(
      found(
          "It rose by 4.5 to 1,000,000 at 10:30:15 on 2026-11-29, 29.11.2026, in 2024-2025 or 2025, 2026: 12 of 345, 12.345.678 people") ==
      "");
  CHECK(found("module 3, week 12, COVID-19, MP3, B2B, 4x4") == "");
}

TEST_CASE("check digits") {
  CHECK(passes_luhn("4111 1111 1111 1111"));
  CHECK_FALSE(passes_luhn("4111 1111 1111 1112"));
  CHECK_FALSE(passes_luhn("none"));
  CHECK(is_iban("GB82 WEST 1234 5698 7654 32"));
  CHECK(is_iban("de89370400440532013000"));
  CHECK_FALSE(is_iban("GB82 WEST 1234 5698 7654 33"));
  CHECK_FALSE(is_iban("GB82"));
}
