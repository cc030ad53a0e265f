// Where users were when, as the application knows it: what it hands to the witness.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <string>

namespace weir::demo {

struct GivenZone {
  Uuid user;
  Instant since{};   // for a user's first one long ago
  std::string zone;  // of the IANA database; UTC where the user's row names none
};

}  // namespace weir::demo
