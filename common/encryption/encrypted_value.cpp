#include "common/encryption/encrypted_value.hpp"

#include "common/core/base64.hpp"
#include "common/core/digest.hpp"
#include "common/core/text.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>

namespace weir::encryption {

namespace {

constexpr std::string_view kMagic{"we\x01\x01", 4};
constexpr std::string_view kJsonHead = R"({"sealed":)";

const unsigned char* raw(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

std::string associated_data(std::string_view header, const Place& place) {
  std::string data(header);
  data.append(place.table).append("\n").append(place.column).append("\n").append(place.row);
  return data;
}

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Cipher cipher() {
  Cipher context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  WEIR_ASSERT(context != nullptr);
  return context;
}

tl::unexpected<Fault> not_decrypted() {
  return fail(FaultKind::kData,
              "an encrypted value does not decrypt: it was altered, or stands in another place than it was encrypted for");
}

}  // namespace

Key::Key(std::string_view bytes) {
  WEIR_ASSERT(bytes.size() == bytes_.size());
  std::memcpy(bytes_.data(), bytes.data(), bytes_.size());
}

Result<Key> key_of(std::string_view bytes) {
  if (bytes.size() == kKeyBytes) return Key(bytes);
  return fail(FaultKind::kData, "it has another length than a key");
}

Key::~Key() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

Key Key::random() {
  Key key;
  WEIR_ASSERT(RAND_bytes(key.bytes_.data(), static_cast<int>(key.bytes_.size())) == 1);
  return key;
}

std::string encrypt_with_nonce(const Key& key, const Uuid& key_id, const Place& place, std::string_view plaintext, std::string_view nonce) {
  WEIR_ASSERT(nonce.size() == kNonceBytes);
  std::string encrypted(kMagic);
  encrypted.append(reinterpret_cast<const char*>(key_id.bytes.data()), key_id.bytes.size());
  const std::string data = associated_data(encrypted, place);
  encrypted.append(nonce);
  std::string ciphertext(plaintext.size(), '\0');
  std::string tag(kTagBytes, '\0');
  const Cipher context = cipher();
  int length = 0;
  WEIR_ASSERT(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), raw(nonce)) == 1);
  WEIR_ASSERT(EVP_EncryptUpdate(context.get(), nullptr, &length, raw(data), static_cast<int>(data.size())) == 1);
  WEIR_ASSERT(EVP_EncryptUpdate(context.get(), raw(ciphertext), &length, raw(plaintext), static_cast<int>(plaintext.size())) == 1);
  WEIR_ASSERT(EVP_EncryptFinal_ex(context.get(), raw(ciphertext) + length, &length) == 1);
  WEIR_ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag.size()), tag.data()) == 1);
  return encrypted + ciphertext + tag;
}

std::string encrypt(const Key& key, const Uuid& key_id, const Place& place, std::string_view plaintext) {
  std::string nonce(kNonceBytes, '\0');
  WEIR_ASSERT(RAND_bytes(raw(nonce), static_cast<int>(nonce.size())) == 1);
  return encrypt_with_nonce(key, key_id, place, plaintext, nonce);
}

Result<Uuid> key_id_of(std::string_view encrypted) {
  if (encrypted.size() < kHeaderBytes + kNonceBytes + kTagBytes || !encrypted.starts_with(kMagic)) {
    return fail(FaultKind::kData, "this is no encrypted value of a known form");
  }
  Uuid id;
  std::memcpy(id.bytes.data(), encrypted.data() + kMagic.size(), id.bytes.size());
  return id;
}

Result<std::string> decrypt(const Key& key, const Place& place, std::string_view encrypted) {
  WEIR_TRY(key_id_of(encrypted));
  const std::string data = associated_data(encrypted.substr(0, kHeaderBytes), place);
  const std::string_view nonce = encrypted.substr(kHeaderBytes, kNonceBytes);
  const std::string_view ciphertext =
      encrypted.substr(kHeaderBytes + kNonceBytes, encrypted.size() - kHeaderBytes - kNonceBytes - kTagBytes);
  std::string tag(encrypted.substr(encrypted.size() - kTagBytes));
  std::string plaintext(ciphertext.size(), '\0');
  const Cipher context = cipher();
  int length = 0;
  const bool decrypted =
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), raw(nonce)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &length, raw(data), static_cast<int>(data.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), raw(plaintext), &length, raw(ciphertext), static_cast<int>(ciphertext.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag.size()), tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), raw(plaintext) + length, &length) == 1;
  if (!decrypted) return not_decrypted();
  return plaintext;
}

std::string to_json(std::string_view encrypted) { return std::string(kJsonHead) + '"' + base64(encrypted) + "\"}"; }

Result<std::string> from_json(std::string_view json) {
  std::string bare(json);
  std::erase_if(bare, [](unsigned char c) { return std::isspace(c) != 0; });
  if (!bare.starts_with(kJsonHead) || !bare.ends_with("\"}") || bare.size() < kJsonHead.size() + 3) {
    return fail(FaultKind::kData, "this is no encrypted value in JSON");
  }
  auto encrypted = base64_decoded(std::string_view(bare).substr(kJsonHead.size() + 1, bare.size() - kJsonHead.size() - 3));
  if (!encrypted) return fail(FaultKind::kData, "this is no base64");
  return *std::move(encrypted);
}

std::string blind_index(const Key& key, std::string_view table, std::string_view column, std::string_view address) {
  const auto is_blank = [](unsigned char c) { return std::isspace(c) != 0; };
  while (!address.empty() && is_blank(static_cast<unsigned char>(address.front()))) address.remove_prefix(1);
  while (!address.empty() && is_blank(static_cast<unsigned char>(address.back()))) address.remove_suffix(1);
  std::string data;
  data.append(table).append("\n").append(column).append("\n");
  // ASCII alone, whatever the locale: every implementation must come to the same bytes.
  data += lower(address);
  return hmac_sha256(hmac_sha256(key.bytes(), "weir blind index 1"), data);
}

}  // namespace weir::encryption
