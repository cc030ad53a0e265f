// Where claimed messages go: a Pusher channel, a user's own e-mail address, or an encrypted destination, whose keys are loaded in one
// statement a claim.
#pragma once

#include "common/encryption/key_store.hpp"
#include "common/encryption/master_key.hpp"
#include "common/postgres/statements.hpp"
#include "consumers/notifications/pure/queued_message.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace weir::notifications {

struct ClearAddress {
  std::string text;
  std::vector<std::string> secrets{};  // of a webhook's endpoint, the newest first
  std::int64_t version = 0;            // of the destination's row
  /// Why the message cannot be sent, and the status in which it ends; "" where it can.
  std::string reason{};
  std::string status{};
};

class Addresses {
 public:
  /// `masters`: a null pointer where no key is configured; then a message to an encrypted destination is a fault.
  Addresses(std::shared_ptr<const encryption::MasterKeys> masters, const Clock& clock) : masters_(std::move(masters)), clock_(clock) {}
  /// One a message, in their order.
  [[nodiscard]] Result<std::vector<ClearAddress>> of(postgres::Statements& connection, std::span<const QueuedMessage* const> messages);

 private:
  struct Destination {
    std::string address;
    std::string secret;
    std::int64_t version = 0;
    bool is_overlap_over = false;  // only its newest secret still signs
    bool is_verified = false;
    bool is_disabled = false;
  };
  struct Mail {
    std::string address;
    std::string dead_because;  // why no mail goes there any more; "": mail goes there
  };
  struct Unwrapped {
    encryption::Key key;
    SteadyInstant at;
  };
  using Keys = std::map<Uuid, encryption::StoredKey>;
  [[nodiscard]] Result<void> load(postgres::Statements& connection, std::span<const QueuedMessage* const> messages);
  [[nodiscard]] Result<void> load_keys(postgres::Statements& connection);
  [[nodiscard]] Result<const encryption::Key*> unwrapped(const Keys& keys, const encryption::StoredKey& stored);
  [[nodiscard]] ClearAddress of(const QueuedMessage& message) const;
  [[nodiscard]] std::optional<std::string> decrypted(const QueuedMessage& message, const char* column, const std::string& encrypted) const;

  std::shared_ptr<const encryption::MasterKeys> masters_;
  const Clock& clock_;
  std::unordered_map<Uuid, Unwrapped> unwrapped_;  // for a minute at most
  // Of the claim at hand:
  std::map<Uuid, Destination> destinations_;
  std::map<Uuid, Mail> mails_;                   // of users
  std::map<Uuid, encryption::KeyOwner> owners_;  // of keys that are there and not destroyed
};

}  // namespace weir::notifications
