// The form of encrypted values by the vectors of docs/encryption.md, and that nothing altered or moved decrypts.
#include "common/encryption/encrypted_value.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

using namespace weir;
using namespace weir::encryption;

namespace {

const Uuid kKeyId = *Uuid::parse("0d9c2c9e-1111-4222-8333-444455556666");
const Place kPlace{"public.connectors", "credentials_encrypted", "6a1f3c1e-0000-4000-8000-000000000001"};

std::string counting(int first, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(first + i);
  return bytes;
}

Key example_key() { return Key(counting(0, 32)); }

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(c));
  return text;
}

}  // namespace

TEST_CASE("the vectors of docs/encryption.md") {
  const std::string nonce = counting(0xA0, 12);
  const std::string encrypted = encrypt_with_nonce(example_key(), kKeyId, kPlace, R"({"password":"opensesame"})", nonce);
  CHECK(hex(encrypted) ==
        "776501010d9c2c9e111142228333444455556666a0a1a2a3a4a5a6a7a8a9aaab9d3a0c4c36b875d01001a5e92515b0bb1edf3c63f3da274ee12293688c306fe9c0"
        "4b2bbe1d03f17ca2");
  CHECK(to_json(encrypted) ==
        R"({"sealed":"d2UBAQ2cLJ4REUIigzNERFVVZmagoaKjpKWmp6ipqqudOgxMNrh10BABpeklFbC7Ht88Y/PaJ07hIpNojDBv6cBLK74dA/F8og=="})");
  const Place answers{"public.assessment_responses", "answers_encrypted", kPlace.row};
  CHECK(hex(encrypt_with_nonce(example_key(), kKeyId, answers, "", nonce)) ==
        "776501010d9c2c9e111142228333444455556666a0a1a2a3a4a5a6a7a8a9aaab7f262d6129a28b0b29cddb3ed8f952be");
  CHECK(hex(blind_index(example_key(), "public.notification_destinations", "address_encrypted", " Someone@Example.ORG\n")) ==
        "3839804422f92eeb4f383dd1158c0f15d47771cc0f6f45ae3c63fe6ad30034c2");
}

TEST_CASE("what is encrypted decrypts, in both forms, and says which key it needs") {
  CHECK(rc::check("encrypt, decrypt", [](const std::string& plaintext) {
    const Key key = Key::random();
    const std::string encrypted = encrypt(key, kKeyId, kPlace, plaintext);
    RC_ASSERT(decrypt(key, kPlace, encrypted).value() == plaintext);
    RC_ASSERT(key_id_of(encrypted).value() == kKeyId);
    RC_ASSERT(from_json(to_json(encrypted)).value() == encrypted);
    RC_ASSERT(encrypt(key, kKeyId, kPlace, plaintext) != encrypted);
  }));
}

TEST_CASE("no bit can be altered, the header's included") {
  const Key key = Key::random();
  const std::string encrypted = encrypt(key, kKeyId, kPlace, "secret");
  for (std::size_t at = 0; at < encrypted.size(); ++at) {
    for (const int bit : {1, 128}) {
      std::string altered = encrypted;
      altered[at] = static_cast<char>(altered[at] ^ bit);
      CHECK_FALSE(decrypt(key, kPlace, altered).has_value());
    }
  }
  for (std::size_t length = 0; length < encrypted.size(); ++length)
    CHECK_FALSE(decrypt(key, kPlace, encrypted.substr(0, length)).has_value());
  CHECK_FALSE(decrypt(key, kPlace, encrypted + "x").has_value());
}

TEST_CASE("a value that stands elsewhere, or is decrypted by another key, does not decrypt") {
  const Key key = Key::random();
  const std::string encrypted = encrypt(key, kKeyId, kPlace, "secret");
  for (const Place& place : {Place{"public.other", kPlace.column, kPlace.row}, Place{kPlace.table, "other", kPlace.row},
                             Place{kPlace.table, kPlace.column, "6a1f3c1e-0000-4000-8000-000000000002"}, Place{}}) {
    const auto decrypted = decrypt(key, place, encrypted);
    REQUIRE_FALSE(decrypted.has_value());
    CHECK(decrypted.error().exit_code() == ExitCode::kData);
    CHECK(decrypted.error().message.find("secret") == std::string::npos);
  }
  CHECK_FALSE(decrypt(Key::random(), kPlace, encrypted).has_value());
}

TEST_CASE("other forms are refused: plaintext, other algorithms, broken JSON and base64") {
  CHECK_FALSE(key_id_of("").has_value());
  CHECK_FALSE(key_id_of(std::string(100, 'w')).has_value());
  CHECK_FALSE(key_id_of(std::string("we\x01\x02", 4) + std::string(60, 'x')).has_value());
  for (const char* json : {"", "{}", R"({"sealed":""})", R"({"sealed":"d2UB"})", R"({"sealed":"@@@@"})", R"({"password":"x"})",
                           R"({"sealed":)", R"({"sealed":"d2UBAQ=A"})"}) {
    CAPTURE(json);
    const auto read = from_json(json);
    CHECK((!read || !key_id_of(*read)));
  }
  CHECK(from_json("{ \"sealed\" : \"AAAA\" }").value() == std::string(3, '\0'));
  for (const char* text : {"A", "AAB=", "A A="}) CHECK_FALSE(from_json("{\"sealed\":\"" + std::string(text) + "\"}").has_value());
}

TEST_CASE("an address is found however it is written, and only under the same key, table and column") {
  const Key key = Key::random();
  const std::string index = blind_index(key, "t", "c", "a@example.org");
  CHECK(blind_index(key, "t", "c", "\tA@EXAMPLE.org ") == index);
  CHECK(blind_index(key, "t", "c", "b@example.org") != index);
  CHECK(blind_index(key, "t", "d", "a@example.org") != index);
  CHECK(blind_index(Key::random(), "t", "c", "a@example.org") != index);
}
