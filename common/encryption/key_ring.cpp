#include "common/encryption/key_ring.hpp"

#include <fmt/format.h>

namespace weir::encryption {

Result<Key> KeyRing::unwrap(const StoredKey& stored) {
  if (stored.wrapped.empty()) {
    return fail(FaultKind::kData, fmt::format("key {} was destroyed, and with it what it encrypted", stored.id.text()));
  }
  if (!stored.owner.user) return masters_.unwrap(stored.wrapped, stored.wrapped_by, stored.id);
  const Uuid above = WEIR_TRY(key_id_of(stored.wrapped));
  auto key = key_of(WEIR_TRY(encryption::decrypt(WEIR_TRY(decrypting_key(above)), place_of_key(stored.id), stored.wrapped)));
  return key ? std::move(key) : fail(key.error().in("key " + stored.id.text()));
}

Result<StoredKey> KeyRing::wrapped(const KeyOwner& owner, const Uuid& id, const Key& key) {
  if (!owner.user) return StoredKey{id, owner, WEIR_TRY(masters_.current->wrap(key, id)), masters_.current->name(), "active"};
  const NamedKey above = WEIR_TRY(encrypting_key({owner.organization, std::nullopt}));
  return StoredKey{id, owner, encryption::encrypt(above.key, above.id, place_of_key(id), key.bytes()), above.id.text(), "active"};
}

Result<NamedKey> KeyRing::encrypting_key(const KeyOwner& owner) {
  auto stored = WEIR_TRY(active_key(connection_, owner));
  if (!stored) {
    WEIR_TRY(insert_key(connection_, WEIR_TRY(wrapped(owner, Uuid::random(), Key::random()))));
    stored = WEIR_TRY(active_key(connection_, owner));  // ours, or that of whoever was quicker
    if (!stored) return fail(FaultKind::kPgSerialization, "the owner's key was rotated at this moment", "try again");
  }
  const auto known = open_.find(stored->id);
  if (known == open_.end()) open_.emplace(stored->id, WEIR_TRY(unwrap(*stored)));
  return NamedKey{stored->id, open_.at(stored->id)};
}

Result<Key> KeyRing::decrypting_key(const Uuid& id) {
  const auto known = open_.find(id);
  if (known != open_.end()) return known->second;
  const auto stored = WEIR_TRY(find_key(connection_, id));
  if (!stored) return fail(FaultKind::kData, fmt::format("there is no key {}", id.text()));
  const Key key = WEIR_TRY(unwrap(*stored));
  open_.emplace(id, key);
  return key;
}

Result<std::string> KeyRing::encrypt(const KeyOwner& owner, const Place& place, std::string_view plaintext) {
  const NamedKey key = WEIR_TRY(encrypting_key(owner));
  return encryption::encrypt(key.key, key.id, place, plaintext);
}

Result<std::string> KeyRing::decrypt(const Place& place, std::string_view encrypted) {
  const Key key = WEIR_TRY(decrypting_key(WEIR_TRY(key_id_of(encrypted))));
  return encryption::decrypt(key, place, encrypted);
}

}  // namespace weir::encryption
