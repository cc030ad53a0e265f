// Encrypted values: AES-256-GCM by OpenSSL, bound to the place that they stand in. Pure but for random bytes.
//
//   encrypted := header nonce ciphertext tag
//   header    := 'w' 'e' 0x01 algorithm key-id          20 bytes; it is authenticated too
//   algorithm := 0x01 (AES-256-GCM)
//   key-id    := 16 bytes: weir.data_keys.id            nonce := 12 random bytes          tag := 16 bytes
//   associated data := header schema '.' table 0x0A column 0x0A row-id      all as UTF-8; a uuid in its lower-case form
//
// In a jsonb column: {"sealed": "<base64 of the same>"}.
#pragma once

#include "common/core/result.hpp"
#include "common/core/uuid.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::encryption {

inline constexpr std::size_t kKeyBytes = 32;
inline constexpr std::size_t kNonceBytes = 12;
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kHeaderBytes = 20;

/// A key in the clear. It is wiped when it goes.
class Key {
 public:
  Key() = default;
  explicit Key(std::string_view bytes);  // kKeyBytes of them
  Key(const Key&) = default;
  Key& operator=(const Key&) = default;
  ~Key();
  [[nodiscard]] static Key random();
  [[nodiscard]] const std::uint8_t* data() const { return bytes_.data(); }
  [[nodiscard]] std::string_view bytes() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
  friend bool operator==(const Key&, const Key&) = default;

 private:
  std::array<std::uint8_t, kKeyBytes> bytes_{};
};

/// Fault kData: they are of another length. Without them.
[[nodiscard]] Result<Key> key_of(std::string_view bytes);

/// Where a value stands: moved elsewhere it does not decrypt.
struct Place {
  std::string table;   // "public.connectors"
  std::string column;  // "credentials_encrypted"
  std::string row;     // the row's primary key
};

[[nodiscard]] std::string encrypt(const Key& key, const Uuid& key_id, const Place& place, std::string_view plaintext);
/// For test vectors alone: a nonce that comes twice under one key gives both plaintexts away.
[[nodiscard]] std::string encrypt_with_nonce(const Key& key, const Uuid& key_id, const Place& place, std::string_view plaintext,
                                             std::string_view nonce);
/// Fault kData: no encrypted value, another key's, altered, or of another place. Which of the last two cannot be known.
[[nodiscard]] Result<std::string> decrypt(const Key& key, const Place& place, std::string_view encrypted);
/// The key that an encrypted value names. Fault kData where it is none.
[[nodiscard]] Result<Uuid> key_id_of(std::string_view encrypted);

/// A value as it stands in a jsonb column, and back. Fault kData where it has another form.
[[nodiscard]] std::string to_json(std::string_view encrypted);
[[nodiscard]] Result<std::string> from_json(std::string_view json);

/// HMAC-SHA-256 for finding equal values without decrypting any: of an e-mail address, in lower case and without blanks around it.
///   index := HMAC-SHA-256(HMAC-SHA-256(key, "weir blind index 1"), schema '.' table 0x0A column 0x0A address)
[[nodiscard]] std::string blind_index(const Key& key, std::string_view table, std::string_view column, std::string_view address);

}  // namespace weir::encryption
