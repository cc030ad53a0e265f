#include "consumers/notifications/addresses.hpp"

#include "common/encryption/encrypted_value.hpp"
#include "consumers/notifications/pure/challenge.hpp"
#include "consumers/notifications/pure/confirmation.hpp"

#include <set>
#include <sstream>

namespace weir::notifications {

namespace {

using encryption::StoredKey;
using postgres::Params;

constexpr Seconds kKeptUnwrapped{60};

constexpr const char* kDestinations = R"(
  SELECT id, address_encrypted, secret_encrypted, verified_at IS NOT NULL, disabled_at IS NOT NULL, version,
         coalesce(overlap_until <= clock_timestamp(), false)
    FROM public.notification_destinations
   WHERE id = ANY ($1)
)";

constexpr const char* kMails = R"(
  SELECT u.id, u.email, coalesce(d.reason, '')
    FROM public.users u
    LEFT JOIN weir.dead_mail_addresses d ON d.organization_id = u.organization_id AND d.user_id = u.id
                                        AND d.address_hash = sha256(convert_to(lower(u.email), 'UTF8'))
   WHERE u.id = ANY ($1) AND u.deleted_at IS NULL
)";

ClearAddress unreachable(std::string status, std::string reason) {
  return {.text = {}, .reason = std::move(reason), .status = std::move(status)};
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

}  // namespace

Result<void> Addresses::load(postgres::Statements& connection, std::span<const QueuedMessage* const> messages) {
  destinations_.clear();
  mails_.clear();
  std::set<Uuid> destinations;
  std::set<Uuid> users;
  for (const QueuedMessage* message : messages) {
    if (message->destination_id) {
      destinations.insert(*message->destination_id);
    } else if (message->channel == "email" && message->user) {
      users.insert(message->user->value);
    }
  }
  if (!destinations.empty()) {
    const std::vector<Uuid> ids(destinations.begin(), destinations.end());
    const auto rows = WEIR_TRY(connection.query("notifications_destinations", kDestinations, Params{}.add_array(ids)));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      destinations_.emplace(rows[i].get<Uuid>(0), Destination{.address = rows[i].bytes(1),
                                                              .secret = rows[i].is_null(2) ? std::string() : rows[i].bytes(2),
                                                              .version = rows[i].get<std::int64_t>(5),
                                                              .is_overlap_over = rows[i].get<bool>(6),
                                                              .is_verified = rows[i].get<bool>(3),
                                                              .is_disabled = rows[i].get<bool>(4)});
    }
  }
  if (users.empty()) return {};
  const std::vector<Uuid> ids(users.begin(), users.end());
  const auto rows = WEIR_TRY(connection.query("notifications_mails", kMails, Params{}.add_array(ids)));
  for (std::size_t i = 0; i < rows.size(); ++i)
    mails_.emplace(rows[i].get<Uuid>(0), Mail{rows[i].get<std::string>(1), rows[i].get<std::string>(2)});
  return {};
}

Result<const encryption::Key*> Addresses::unwrapped(const Keys& keys, const StoredKey& stored) {
  if (const auto known = unwrapped_.find(stored.id); known != unwrapped_.end()) return &known->second.key;
  encryption::Key key;
  if (stored.owner.user) {
    const Uuid above = WEIR_TRY(encryption::key_id_of(stored.wrapped));
    const auto its = keys.find(above);
    if (its == keys.end() || its->second.wrapped.empty()) return fail(FaultKind::kData, "the organization's key was destroyed");
    const encryption::Key* organization = WEIR_TRY(unwrapped(keys, its->second));
    key = WEIR_TRY(encryption::key_of(WEIR_TRY(encryption::decrypt(*organization, encryption::place_of_key(stored.id), stored.wrapped))));
  } else {
    if (!masters_)
      return fail(FaultKind::kConfiguration, "destinations are encrypted, and no master key is configured",
                  "set encryption.master_key_file");
    key = WEIR_TRY(masters_->unwrap(stored.wrapped, stored.wrapped_by, stored.id));
  }
  return &unwrapped_.emplace(stored.id, Unwrapped{key, clock_.steady()}).first->second.key;
}

Result<void> Addresses::load_keys(postgres::Statements& connection) {
  owners_.clear();
  std::erase_if(unwrapped_, [&](const auto& each) { return clock_.steady() - each.second.at > kKeptUnwrapped; });
  std::set<Uuid> named;
  for (const auto& [id, destination] : destinations_) {
    for (const std::string* encrypted : {&destination.address, &destination.secret}) {
      if (const auto key = encryption::key_id_of(*encrypted)) named.insert(*key);
    }
  }
  Keys keys;
  // Users' keys are encrypted by their organizations' keys, which the second round loads.
  while (!named.empty()) {
    const std::vector<Uuid> ids(named.begin(), named.end());
    named.clear();
    for (StoredKey& stored : WEIR_TRY(encryption::find_keys(connection, ids))) {
      if (stored.wrapped.empty()) unwrapped_.erase(stored.id);
      if (stored.owner.user && !stored.wrapped.empty()) {
        const auto above = encryption::key_id_of(stored.wrapped);
        if (above && keys.find(*above) == keys.end()) named.insert(*above);
      }
      keys.emplace(stored.id, std::move(stored));
    }
    std::erase_if(named, [&](const Uuid& id) { return keys.find(id) != keys.end(); });
  }
  for (const auto& [id, stored] : keys) {
    if (stored.wrapped.empty()) continue;
    const auto key = unwrapped(keys, stored);
    if (!key && key.error().kind != FaultKind::kData) return fail(key.error());
    if (key) owners_.emplace(id, stored.owner);
  }
  return {};
}

std::optional<std::string> Addresses::decrypted(const QueuedMessage& message, const char* column, const std::string& encrypted) const {
  const auto id = encryption::key_id_of(encrypted);
  if (!id) return std::nullopt;
  const auto owner = owners_.find(*id);
  if (owner == owners_.end() || owner->second.organization != message.organization.value) return std::nullopt;
  auto plaintext =
      encryption::decrypt(unwrapped_.at(*id).key, {"public.notification_destinations", column, message.destination_id->text()}, encrypted);
  if (!plaintext) return std::nullopt;
  return std::move(*plaintext);
}

ClearAddress Addresses::of(const QueuedMessage& message) const {
  if (!message.destination_id) {
    if (message.channel == "pusher" || message.channel == "slack") return {.text = message.channel == "pusher" ? message.destination : ""};
    const auto mail = message.user ? mails_.find(message.user->value) : mails_.end();
    if (message.channel != "email" || mail == mails_.end()) return unreachable("dead", "there is no destination");
    if (!mail->second.dead_because.empty()) return unreachable("suppressed", "the user's address is dead: " + mail->second.dead_because);
    return {.text = mail->second.address};
  }
  const auto found = destinations_.find(*message.destination_id);
  if (found == destinations_.end()) return unreachable("suppressed", "the destination is gone");
  const Destination& destination = found->second;
  if (destination.is_disabled) return unreachable("suppressed", "the destination is disabled");
  // Device tokens and addresses of Slack need no proof. A message that asks for the proof goes to an address that has not given it yet.
  const bool needs_proof = message.channel == "email" || message.channel == "webhook";
  const bool asks_for_proof = message.template_key == kChallengeTemplate || message.template_key == kConfirmationTemplate;
  if (needs_proof && !destination.is_verified && !asks_for_proof) return unreachable("suppressed", "the destination is not verified");
  auto address = decrypted(message, "address_encrypted", destination.address);
  if (!address) return unreachable("suppressed", "erased");
  ClearAddress made{.text = std::move(*address), .version = destination.version};
  if (!destination.secret.empty()) {
    const auto secrets = decrypted(message, "secret_encrypted", destination.secret);
    if (!secrets) return unreachable("suppressed", "erased");
    made.secrets = words_of(*secrets);
    if (destination.is_overlap_over && made.secrets.size() > 1) made.secrets.resize(1);
  }
  return made;
}

Result<std::vector<ClearAddress>> Addresses::of(postgres::Statements& connection, std::span<const QueuedMessage* const> messages) {
  WEIR_TRY(load(connection, messages));
  if (!destinations_.empty()) WEIR_TRY(load_keys(connection));
  std::vector<ClearAddress> addresses;
  for (const QueuedMessage* message : messages) addresses.push_back(of(*message));
  return addresses;
}

}  // namespace weir::notifications
