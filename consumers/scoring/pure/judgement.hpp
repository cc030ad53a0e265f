// Decides what is done about a submission by its present row: the rules beside the scoring itself.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"
#include "consumers/scoring/pure/answers.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace weir::scoring {

/// A row of assessment_responses as it was read after its user was locked.
struct ResponseRow {
  Uuid id;
  OrganizationId organization;
  UserId user;
  Uuid assessment;
  std::string status;
  std::int64_t version = 0;
  std::string encrypted_answers;  // empty: none
  Instant started_at{};
  std::optional<Instant> submitted_at;
};

/// The assessment that a response names.
struct AssessmentState {
  std::optional<OrganizationId> organization;  // none: of the library
  std::string status;                          // draft, published or retired
  bool is_sound = true;                        // instruments check finds no fault in it
};

/// What an event says of a submission: when it was recorded, and when it was submitted.
struct Announcement {
  Instant recorded_at{};
  std::optional<Instant> submitted_at;
};

enum class Verdict : std::uint8_t {
  kScore,       // it counts, and its status is submitted or scored
  kWithdraw,    // it counts no longer, and its results are removed
  kRefuse,      // it is refused for good, with the reason
  kSuperseded,  // it was submitted anew since, and a later event tells of that
};

struct Judgement {
  Verdict verdict = Verdict::kScore;
  std::string_view reason;  // of a refusal
};

/// Judges a row. Without an announcement, as in a recomputation, submitted_at is not compared with the time of a record.
[[nodiscard]] Judgement judge(const ResponseRow& row, const AssessmentState& assessment, const std::optional<Announcement>& announced,
                              Microseconds max_future);

}  // namespace weir::scoring
