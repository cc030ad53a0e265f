#include "consumers/scoring/answer_keys.hpp"

#include "common/encryption/key_store.hpp"

#include <set>
#include <vector>

namespace weir::scoring {

Result<void> AnswerKeys::prepare(postgres::Statements& connection, std::span<const std::string_view> encrypted) {
  known_.clear();
  if (masters_ == nullptr) return {};
  std::set<Uuid> named;
  for (const std::string_view value : encrypted) {
    const auto id = encryption::key_id_of(value);
    if (id) named.insert(*id);
  }
  if (named.empty()) return {};
  const std::vector<Uuid> ids(named.begin(), named.end());
  for (const encryption::StoredKey& stored : WEIR_TRY(encryption::find_keys(connection, ids))) {
    Known known{OrganizationId{stored.owner.organization}, std::nullopt, stored.owner.user.has_value()};
    if (stored.wrapped.empty()) {
      unwrapped_.erase(stored.id);
    } else if (!known.of_user) {
      if (unwrapped_.find(stored.id) == unwrapped_.end()) {
        unwrapped_.emplace(stored.id, WEIR_TRY(masters_->unwrap(stored.wrapped, stored.wrapped_by, stored.id)));
      }
      known.key = unwrapped_.at(stored.id);
    }
    known_.emplace(stored.id, std::move(known));
  }
  return {};
}

std::variant<std::string, Locked> AnswerKeys::decrypt(const OrganizationId& organization, const Uuid& response,
                                                      std::string_view encrypted) const {
  const auto id = encryption::key_id_of(encrypted);
  if (!id) return Locked::kUndecryptable;
  const auto known = known_.find(*id);
  if (known == known_.end()) return Locked::kKeyMissing;
  if (known->second.organization != organization || known->second.of_user) return Locked::kUndecryptable;
  if (!known->second.key) return Locked::kKeyDestroyed;
  auto plaintext =
      encryption::decrypt(*known->second.key, {"public.assessment_responses", "answers_encrypted", response.text()}, encrypted);
  if (!plaintext) return Locked::kUndecryptable;
  return std::move(*plaintext);
}

}  // namespace weir::scoring
