// What is to be told about users and organizations now: their histories read, patterns found in them, and those left out that were told
// before and whose pause is not over.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/insights/pure/subject.hpp"
#include "consumers/insights/pure/telling.hpp"
#include "consumers/insights/zone_names.hpp"

#include <span>
#include <string>
#include <vector>

namespace weir::insights {

struct SubjectFindings {
  std::string locale = "en";  // the user's; findings about an organization are in English
  std::vector<Telling> tellings;
};

class FindingsReader {
 public:
  /// What is to be told about each subject, in their order; nothing about a user who is deleted. A subject may stand there twice.
  [[nodiscard]] Result<std::vector<SubjectFindings>> find_for(postgres::Statements& connection, std::span<const Subject> subjects,
                                                              Instant now);

 private:
  ZoneNames zones_;
};

}  // namespace weir::insights
