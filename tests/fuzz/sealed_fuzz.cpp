// Any bytes as a sealed value, as its JSON and as base64: what opens is exactly what sealing makes of the plaintext, and opens nowhere
// else. Any bytes as a plaintext: it comes back, and not from a sealed value with one bit changed.
#include "common/core/base64.hpp"
#include "tests/fuzz/sealed_key.hpp"

#include <cstddef>
#include <cstdint>

using namespace weir;
using namespace weir::encryption;

namespace {

void take_for_sealed(const Key& key, const Place& place, std::string_view bytes) {
  const auto plaintext = open(key, place, bytes);
  if (!plaintext) return;
  const auto id = key_id_of(bytes);
  WEIR_ASSERT(id.has_value());
  WEIR_ASSERT(seal_with_nonce(key, *id, place, *plaintext, bytes.substr(kHeaderBytes, kNonceBytes)) == bytes);
  WEIR_ASSERT(!open(key, {place.table, place.column, place.row + "0"}, bytes));
}

void take_for_text(std::string_view text) {
  if (const auto sealed = from_json(text)) WEIR_ASSERT(from_json(to_json(*sealed)) == *sealed);
  if (const auto bytes = base64_decoded(text)) WEIR_ASSERT(base64_decoded(base64(*bytes)) == *bytes);
}

void take_for_plaintext(const Key& key, const Place& place, std::string_view plaintext) {
  std::string sealed = seal(key, Uuid{}, place, plaintext);
  WEIR_ASSERT(open(key, place, sealed) == std::string(plaintext));
  const std::size_t bit =
      plaintext.empty() ? 0 : (plaintext.size() * 257 + static_cast<unsigned char>(plaintext.front())) % (sealed.size() * 8);
  sealed[bit / 8] = static_cast<char>(sealed[bit / 8] ^ (1 << (bit % 8)));
  WEIR_ASSERT(!open(key, place, sealed));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Key key = testing::fuzz_key();
  static const Place place = testing::fuzz_place();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  take_for_sealed(key, place, bytes);
  take_for_text(bytes);
  take_for_plaintext(key, place, bytes);
  return 0;
}
