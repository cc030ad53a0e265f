// The load of scoring's bench: encrypted submissions of instruments of 40 items, as rows of assessment_responses and as their changes.
#pragma once

#include "common/encryption/key_ring.hpp"
#include "common/kafka/client.hpp"
#include "consumers/scoring/pure/instrument.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace weir::bench {

inline constexpr std::int64_t kSubmissionsOfUser = 10;  // two of each instrument

struct Submission {
  Uuid id;
  OrganizationId organization;
  UserId user;
  Uuid assessment;
  Instant started_at{};
  Instant submitted_at{};
  std::string encrypted;
};

struct Load {
  std::string dsn;  // the database, which has every submission
  std::filesystem::path master_key;
  std::map<Uuid, scoring::Instrument> instruments;  // by assessments.id, in equal shares
  std::map<OrganizationId, encryption::NamedKey> keys;
  std::vector<Submission> submissions;  // in order of submission
};

[[nodiscard]] Load make_load(std::int64_t submissions);
/// A database that is as `dsn` is now, to which nobody is connected.
[[nodiscard]] std::string copy_of(const std::string& dsn);

[[nodiscard]] std::string responses_topic(const std::string& prefix);
/// Makes the topics that weir scoring reads, under `prefix`, and writes the change of each submission.
void publish(const kafka::Settings& broker, const std::string& prefix, const Load& load);

}  // namespace weir::bench
