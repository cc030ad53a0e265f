// A fault at one place of a JSON document that is kept as data: an instrument, or the condition of an achievement.
#pragma once

#include <compare>
#include <string>
#include <vector>

namespace weir::scoring {

struct DocumentFault {
  std::string pointer;  // JSON Pointer (RFC 6901); for a missing member, the place where it belongs
  std::string reason;   // of a closed set: "missing_field", "duplicate_code", …
  std::string message;  // for a person
  friend auto operator<=>(const DocumentFault&, const DocumentFault&) = default;
};
using Faults = std::vector<DocumentFault>;

}  // namespace weir::scoring
