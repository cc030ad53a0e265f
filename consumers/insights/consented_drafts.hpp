// Drafts and the consent of their subjects, which is asked again before a call of a draft begins and before a text of it is kept.
#pragma once

#include "consumers/insights/consents_store.hpp"
#include "consumers/insights/drafts_store.hpp"

#include <algorithm>
#include <vector>

namespace weir::insights {

/// A subject's consent must have held since the earliest claim of its drafts.
template <class Drafts>
[[nodiscard]] AskedConsents asked_consents(const Drafts& drafts) {
  AskedConsents asked;
  for (const auto& draft : drafts) {
    Instant& since = asked.try_emplace(draft.subject, draft.claimed_at).first->second;
    since = std::min(since, draft.claimed_at);
  }
  return asked;
}

/// Locks the consents of the drafts' subjects, drops the drafts of subjects who do not consent any more, and gives the other drafts.
template <class ADraft>
[[nodiscard]] Result<std::vector<ADraft>> drop_withdrawn(postgres::Statements& connection, std::vector<ADraft> drafts) {
  const auto live = WEIR_TRY(lock_consents(connection, asked_consents(drafts)));
  std::vector<Uuid> withdrawn;
  for (const ADraft& draft : drafts) {
    if (!live.contains(draft.subject)) withdrawn.push_back(draft.id);
  }
  WEIR_TRY(drop_drafts(connection, withdrawn));
  std::erase_if(drafts, [&](const ADraft& draft) { return !live.contains(draft.subject); });
  return drafts;
}

}  // namespace weir::insights
