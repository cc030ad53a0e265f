// The keys by which answers are encrypted. They are read anew in each unit of work, so that a destroyed key decrypts nothing more, and
// unwrapped once.
#pragma once

#include "common/core/uuid.hpp"
#include "common/encryption/master_key.hpp"
#include "common/postgres/statements.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

namespace weir::scoring {

/// Why answers cannot be decrypted.
enum class Locked : std::uint8_t {
  kUndecryptable,  // altered, of another row, another organization's, or encrypted by a user's key
  kKeyMissing,     // its key does not exist, or not yet
  kKeyDestroyed,   // its key was destroyed, and with it the answers
};

class AnswerKeys {
 public:
  /// Without master keys every key counts as missing.
  explicit AnswerKeys(std::shared_ptr<const encryption::MasterKeys> masters) : masters_(std::move(masters)) {}

  /// Looks up the keys that these encrypted values name. A fault of the master key stops the process, because it is not a fault of a
  /// submission.
  [[nodiscard]] Result<void> prepare(postgres::Statements& connection, std::span<const std::string_view> encrypted);
  /// The plaintext of a response's answers, whose key must have been prepared.
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
  std::unordered_map<Uuid, Known> known_;  // the keys of this unit of work
};

}  // namespace weir::scoring
