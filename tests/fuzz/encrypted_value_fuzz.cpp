// Any bytes as an encrypted value, as its JSON and as base64: what decrypts is exactly what encrypting makes of the plaintext, and decrypts
// nowhere else. Any bytes as a plaintext: it comes back, and not from an encrypted value with one bit changed.
#include "tests/fuzz/encrypted_value_key.hpp"

#include "common/core/base64.hpp"

#include <cstddef>
#include <cstdint>

using namespace weir;
using namespace weir::encryption;

namespace {

void take_for_encrypted(const Key& key, const Place& place, std::string_view bytes) {
  const auto plaintext = decrypt(key, place, bytes);
  if (!plaintext) return;
  const auto id = key_id_of(bytes);
  WEIR_ASSERT(id.has_value());
  WEIR_ASSERT(encrypt_with_nonce(key, *id, place, *plaintext, bytes.substr(kHeaderBytes, kNonceBytes)) == bytes);
  WEIR_ASSERT(!decrypt(key, {place.table, place.column, place.row + "0"}, bytes));
}

void take_for_text(std::string_view text) {
  if (const auto encrypted = from_json(text)) WEIR_ASSERT(from_json(to_json(*encrypted)) == *encrypted);
  if (const auto bytes = base64_decoded(text)) WEIR_ASSERT(base64_decoded(base64(*bytes)) == *bytes);
}

void take_for_plaintext(const Key& key, const Place& place, std::string_view plaintext) {
  std::string encrypted = encrypt(key, Uuid{}, place, plaintext);
  WEIR_ASSERT(decrypt(key, place, encrypted) == std::string(plaintext));
  const std::size_t bit =
      plaintext.empty() ? 0 : (plaintext.size() * 257 + static_cast<unsigned char>(plaintext.front())) % (encrypted.size() * 8);
  encrypted[bit / 8] = static_cast<char>(encrypted[bit / 8] ^ (1 << (bit % 8)));
  WEIR_ASSERT(!decrypt(key, place, encrypted));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Key key = testing::fuzz_key();
  static const Place place = testing::fuzz_place();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  take_for_encrypted(key, place, bytes);
  take_for_text(bytes);
  take_for_plaintext(key, place, bytes);
  return 0;
}
