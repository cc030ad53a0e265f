// Data keys in the clear, by what they are needed for: made, wrapped and unwrapped as it comes. Not thread-safe.
#pragma once

#include "common/encryption/key_store.hpp"
#include "common/encryption/master_key.hpp"

#include <unordered_map>

namespace weir::encryption {

struct NamedKey {
  Uuid id;
  Key key;
};

class KeyRing {
 public:
  /// Both must outlive it.
  KeyRing(postgres::Statements& connection, const MasterKeys& masters) : connection_(connection), masters_(masters) {}

  /// The key that encrypts an owner's values; made where there is none. It is asked for anew each time: another process may have rotated
  /// it.
  [[nodiscard]] Result<NamedKey> encrypting_key(const KeyOwner& owner);
  /// A key by its id, active or retiring. Fault kData: there is none, or it was destroyed, and with it what it encrypted.
  [[nodiscard]] Result<Key> decrypting_key(const Uuid& id);
  /// Encrypts a value by its owner's key.
  [[nodiscard]] Result<std::string> encrypt(const KeyOwner& owner, const Place& place, std::string_view plaintext);
  /// Opens a value by the key that it names.
  [[nodiscard]] Result<std::string> decrypt(const Place& place, std::string_view encrypted);

 private:
  [[nodiscard]] Result<Key> unwrap(const StoredKey& stored);
  [[nodiscard]] Result<StoredKey> wrapped(const KeyOwner& owner, const Uuid& id, const Key& key);

  postgres::Statements& connection_;
  const MasterKeys& masters_;
  std::unordered_map<Uuid, Key> open_;
};

}  // namespace weir::encryption
