// Reads an instrument from its JSON form, which is that of the files under schemas/instruments/ and that in which the rows of a published
// assessment are read from the database. schemas/instrument.v1.json describes it; what a schema cannot say of it is judged here too.
//
//   {"key": "communication", "instrument_version": 1, "title": "…",
//    "scoring": {"least_share": 0.8, "dimensions": {"clarity": {"polarity": "higher_is_better", "reliability": {"internal_consistency":
//    0.8}}}}, "items": [{"code": "co_01", "dimension": "clarity", "text": "…", "weight": 1, "reverse_scored": false, "scale_min": 1,
//    "scale_max": 5,
//               "required": true}],
//    "norms": {"clarity": {"all": {"mean": 60, "sd": 15, "n": 400}}}}
#pragma once

#include "consumers/scoring/pure/instrument.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::scoring {

/// What is wrong at one place of an instrument.
struct InstrumentFault {
  std::string pointer;  // JSON Pointer (RFC 6901); of something that is missing, where it belongs
  std::string reason;   // of a closed set: "missing_field", "duplicate_code", …
  std::string message;  // for a person
  friend auto operator<=>(const InstrumentFault&, const InstrumentFault&) = default;
};

struct InstrumentReading {
  std::optional<Instrument> instrument;  // where there are no faults
  std::vector<InstrumentFault> faults;   // all of them, in order of their pointers
};

[[nodiscard]] InstrumentReading read_instrument(std::string_view json);

}  // namespace weir::scoring
