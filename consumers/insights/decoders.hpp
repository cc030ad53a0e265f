// Makes facts of the records that weir insights reads. Scores, titles and texts are not in these records: a fact says whose history has
// changed, and the history is read when its intent is due.
#pragma once

#include "common/runtime/event.hpp"

#include <memory>

namespace weir::insights {

/// Of tables whose rows are about a user: assessment_scores, attachment_profiles, growth_scores, achievements_unlocked.
[[nodiscard]] std::shared_ptr<runtime::Decoder> user_row_decoder();
[[nodiscard]] std::shared_ptr<runtime::Decoder> completion_decoder();
[[nodiscard]] std::shared_ptr<runtime::Decoder> consent_decoder();
[[nodiscard]] std::shared_ptr<runtime::Decoder> action_decoder();
/// Of weir.outbox.agent_metrics: an organization's windows that became final.
[[nodiscard]] std::shared_ptr<runtime::Decoder> final_decoder();

}  // namespace weir::insights
