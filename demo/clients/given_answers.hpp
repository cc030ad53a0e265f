// Answers as the application that gave them knows them. The application hands them to the witness.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace weir::demo {

/// Answers by the code of their item.
using GivenAnswers = std::map<std::string, std::int64_t>;

/// How a row of assessment_responses has to end.
enum class ResponseEnd : std::uint8_t {
  kScored,
  kRejected,   // its answers fit no instrument
  kWithdrawn,  // in progress again
  kDeleted,
};

struct GivenResponse {
  Uuid id;
  Uuid organization;
  Uuid user;
  Uuid assessment;
  GivenAnswers answers;
  Instant started_at{};
  Instant submitted_at{};
  ResponseEnd end = ResponseEnd::kScored;
};

}  // namespace weir::demo
