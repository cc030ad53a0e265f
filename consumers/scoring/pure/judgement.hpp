// What is done about a submission as its row stands: the rules beside the scoring itself.
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

/// What an event says of the submission: when it was recorded, and which submission it speaks of.
struct Announcement {
  Instant recorded_at{};
  std::optional<Instant> submitted_at;
};

enum class Course : std::uint8_t {
  kScore,       // it stands as submitted or scored
  kWithdraw,    // it does not: its results go
  kRefuse,      // for good, with the reason
  kSuperseded,  // it was submitted anew since, which a later event tells
};

struct Judgement {
  Course course = Course::kScore;
  std::string_view reason;  // of a refusal
};

/// Without an announcement (a recomputation) submitted_at is not compared with the time of a record.
[[nodiscard]] Judgement judge(const ResponseRow& row, const AssessmentState& assessment, const std::optional<Announcement>& announced,
                              Microseconds max_future);

}  // namespace weir::scoring
