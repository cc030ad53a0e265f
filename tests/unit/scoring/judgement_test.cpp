#include "consumers/scoring/pure/judgement.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::scoring;

namespace {

const Instant kSubmitted = *parse_instant("2026-11-18T12:00:00Z");
const OrganizationId kOwn{Uuid{{1}}};
const OrganizationId kOther{Uuid{{2}}};
constexpr Microseconds kTenMinutes = std::chrono::minutes{10};

ResponseRow row(std::string status = "submitted") {
  ResponseRow of;
  of.organization = kOwn;
  of.status = std::move(status);
  of.started_at = kSubmitted - std::chrono::minutes{5};
  of.submitted_at = kSubmitted;
  return of;
}

AssessmentState published() { return {std::nullopt, "published", true}; }

Announcement announced(Instant recorded_at = kSubmitted) { return {recorded_at, kSubmitted}; }

std::string judged(const ResponseRow& response, const AssessmentState& assessment, const std::optional<Announcement>& by) {
  const Judgement judgement = judge(response, assessment, by, kTenMinutes);
  switch (judgement.verdict) {
    case Verdict::kScore:
      return "score";
    case Verdict::kWithdraw:
      return "withdraw";
    case Verdict::kRefuse:
      return std::string(judgement.reason);
    case Verdict::kSuperseded:
      return "superseded";
  }
  return "";
}

}  // namespace

TEST_CASE("a submitted or scored response is scored, and one of any other status has no results") {
  CHECK(judged(row(), published(), announced()) == "score");
  CHECK(judged(row("scored"), published(), announced()) == "score");
  CHECK(judged(row("in_progress"), published(), announced()) == "withdraw");
  CHECK(judged(row("rejected"), published(), announced()) == "withdraw");
  ResponseRow never = row();
  never.submitted_at.reset();
  CHECK(judged(never, published(), announced()) == "withdraw");
}

TEST_CASE("an assessment must be published or retired, sound, and of the library or the organization's own") {
  CHECK(judged(row(), {std::nullopt, "retired", true}, announced()) == "score");
  CHECK(judged(row(), {kOwn, "published", true}, announced()) == "score");
  CHECK(judged(row(), {kOther, "published", true}, announced()) == "foreign_assessment");
  CHECK(judged(row(), {std::nullopt, "draft", true}, announced()) == "draft_assessment");
  CHECK(judged(row(), {std::nullopt, "published", false}, announced()) == "faulty_assessment");
}

TEST_CASE("a submission ends after it begins, and at most ten minutes after its record") {
  ResponseRow of = row();
  of.started_at = kSubmitted;
  CHECK(judged(of, published(), announced()) == "score");
  of.started_at = kSubmitted + Microseconds{1};
  CHECK(judged(of, published(), announced()) == "out_of_time");
  CHECK(judged(row(), published(), announced(kSubmitted - kTenMinutes)) == "score");
  CHECK(judged(row(), published(), announced(kSubmitted - kTenMinutes - Microseconds{1})) == "out_of_time");
  CHECK(judged(row(), published(), std::nullopt) == "score");
}

TEST_CASE("an event of an earlier submission leaves the scoring to the later event") {
  CHECK(judged(row(), published(), Announcement{kSubmitted, kSubmitted - Seconds{1}}) == "superseded");
  CHECK(judged(row(), published(), Announcement{kSubmitted, std::nullopt}) == "superseded");
  CHECK(judged(row("in_progress"), published(), Announcement{kSubmitted, std::nullopt}) == "withdraw");
}
