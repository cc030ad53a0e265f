// The time zones that users had and since when, as the application knows them. The application hands them to the witness.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <string>

namespace weir::demo {

struct GivenZone {
  Uuid user;
  Instant since{};   // of a user's first zone: long ago
  std::string zone;  // of the IANA database; UTC where the user's row names none
};

}  // namespace weir::demo
