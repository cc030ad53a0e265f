#include "common/runtime/dead_share.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace weir;
using runtime::Dead;
using runtime::DeadShare;

namespace {

std::optional<OrganizationId> organization(int number) {
  OrganizationId id;
  id.value.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

const Dead kRenamed{"missing_field", "/after/score", "it is not there", true};
const Dead kOtherPath{"missing_field", "/after/status", "it is not there", true};

/// The records of one topic; `alarmed` says whether one of them stops the group.
struct Records {
  bool alarmed = false;
  Records& add(int count, const std::optional<OrganizationId>& of, const Dead* death = nullptr) {
    for (int i = 0; i < count; ++i) alarmed = share.note(of, death) || alarmed;
    return *this;
  }
  DeadShare share;
};

}  // namespace

TEST_CASE("half of the last thousand records may die for one reason at one path, one more stops the group") {
  Records records;
  CHECK_FALSE(records.add(500, std::nullopt, &kRenamed).add(100, std::nullopt).add(400, std::nullopt, &kOtherPath).alarmed);
  CHECK_FALSE(records.add(100, std::nullopt, &kOtherPath)
                  .alarmed);  // the five hundredth of this path; the first ones of the other path leave the window
  CHECK(records.add(1, std::nullopt, &kOtherPath).alarmed);
}

TEST_CASE("deaths at different paths, for different reasons, or long ago are not added up") {
  const Dead other_reason{"wrong_type", "/after/score", "it is a number", true};
  CHECK_FALSE(Records().add(500, std::nullopt, &kRenamed).add(500, std::nullopt, &other_reason).alarmed);
  CHECK_FALSE(Records().add(500, std::nullopt, &kRenamed).add(1'000, std::nullopt).add(500, std::nullopt, &kRenamed).alarmed);
}

TEST_CASE("one organization among several never stops the group, however many of its records die") {
  CHECK_FALSE(Records().add(1, organization(2)).add(999, organization(1), &kRenamed).alarmed);
  CHECK_FALSE(Records().add(400, organization(1), &kRenamed).add(1, organization(2)).add(599, organization(1), &kRenamed).alarmed);
  CHECK_FALSE(Records().add(1, organization(2)).add(300, std::nullopt, &kRenamed).add(699, organization(1), &kRenamed).alarmed);
}

TEST_CASE("where all of the last thousand records are of one organization, its deaths alone stop the group") {
  CHECK_FALSE(Records().add(1, organization(2)).add(999, organization(1), &kRenamed).alarmed);
  CHECK(Records().add(1, organization(2)).add(1'000, organization(1), &kRenamed).alarmed);
  CHECK(Records().add(501, organization(1), &kRenamed).alarmed);
}

TEST_CASE("deaths of two organizations, or of unknown ones, stop the group although other organizations' records live") {
  CHECK(Records().add(300, organization(3)).add(300, organization(1), &kRenamed).add(201, organization(2), &kRenamed).alarmed);
  CHECK(Records().add(100, organization(3)).add(100, organization(4)).add(501, std::nullopt, &kRenamed).alarmed);
  // The second organization's deaths are not among the last thousand records any more.
  CHECK_FALSE(Records()
                  .add(1, organization(2), &kRenamed)
                  .add(499, organization(1))
                  .add(1, organization(3))
                  .add(500, organization(1), &kRenamed)
                  .add(1, organization(1), &kRenamed)
                  .alarmed);
}
