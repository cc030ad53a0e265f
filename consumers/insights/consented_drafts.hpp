// Drafts and the consent of their subjects, which is asked again before a call of a draft begins and before a text of it is kept.
#pragma once

#include "consumers/insights/consents_store.hpp"
#include "consumers/insights/drafts_store.hpp"

#include <span>
#include <vector>

namespace weir::insights {

/// A subject's consent must have held since the earliest claim of its drafts.
[[nodiscard]] AskedConsents asked_consents(std::span<const Draft> drafts);

/// Locks the consents of the drafts' subjects, drops the drafts of subjects who do not consent any more, and gives the other drafts.
[[nodiscard]] Result<std::vector<Draft>> drop_withdrawn(postgres::Statements& connection, std::vector<Draft> drafts);

}  // namespace weir::insights
