// The keys that answers are encrypted by, unwrapped once and asked for anew in each unit of work, so that a key that was destroyed decrypts
// nothing more.
#pragma once

#include "common/core/uuid.hpp"
#include "common/encryption/master_key.hpp"
#include "common/postgres/connection.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

namespace weir::scoring {

/// Why answers do not decrypt.
enum class Locked : std::uint8_t {
  kUndecryptable,  // altered, of another row, another organization's, or encrypted by a user's key
  kKeyMissing,     // its key is not there, or not yet
  kKeyDestroyed,   // and with it the answers
};

class AnswerKeys {
 public:
  explicit AnswerKeys(std::shared_ptr<const encryption::MasterKeys> masters) : masters_(std::move(masters)) {}

  /// Looks up the keys that these encrypted values name. A fault of the master key is one of the process, not of any submission.
  [[nodiscard]] Result<void> prepare(postgres::Connection& connection, std::span<const std::string_view> encrypted);
  /// The plaintext of a response's answers. Its key was prepared.
  [[nodiscard]] std::variant<std::string, Locked> decrypt(const OrganizationId& organization, const Uuid& response,
                                                          std::string_view encrypted) const;

 private:
  struct Known {
    OrganizationId organization;
    std::optional<encryption::Key> key;  // none: destroyed
    bool of_user = false;
  };
  std::shared_ptr<const encryption::MasterKeys> masters_;
  std::unordered_map<Uuid, encryption::Key> unwrapped_;
  std::unordered_map<Uuid, Known> known_;  // of this unit of work
};

}  // namespace weir::scoring
