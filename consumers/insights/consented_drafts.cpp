#include "consumers/insights/consented_drafts.hpp"

#include <algorithm>

namespace weir::insights {

AskedConsents asked_consents(std::span<const Draft> drafts) {
  AskedConsents asked;
  for (const Draft& draft : drafts) {
    Instant& since = asked.try_emplace(draft.subject, draft.claimed_at).first->second;
    since = std::min(since, draft.claimed_at);
  }
  return asked;
}

Result<std::vector<Draft>> drop_withdrawn(postgres::Statements& connection, std::vector<Draft> drafts) {
  const auto live = WEIR_TRY(lock_consents(connection, asked_consents(drafts)));
  std::vector<Uuid> withdrawn;
  for (const Draft& draft : drafts) {
    if (!live.contains(draft.subject)) withdrawn.push_back(draft.id);
  }
  WEIR_TRY(drop_drafts(connection, withdrawn));
  std::erase_if(drafts, [&](const Draft& draft) { return !live.contains(draft.subject); });
  return drafts;
}

}  // namespace weir::insights
