// Reads an instrument from its JSON form. The files under schemas/instruments/ have this form, and the rows of a published assessment are
// read from the database in it. schemas/instrument.v1.json describes the form; rules that a schema cannot express are checked here too.
//
//   {"key": "communication", "instrument_version": 1, "title": "…",
//    "scoring": {"least_share": 0.8, "dimensions": {"clarity": {"polarity": "higher_is_better", "reliability": {"internal_consistency":
//    0.8}}}}, "items": [{"code": "co_01", "dimension": "clarity", "text": "…", "weight": 1, "reverse_scored": false, "scale_min": 1,
//    "scale_max": 5,
//               "required": true}],
//    "norms": {"clarity": {"all": {"mean": 60, "sd": 15, "n": 400}}}}
#pragma once

#include "consumers/scoring/pure/document_fault.hpp"
#include "consumers/scoring/pure/instrument.hpp"

#include <optional>
#include <string_view>

namespace weir::scoring {

struct InstrumentReading {
  std::optional<Instrument> instrument;  // where there are no faults
  Faults faults;                         // all of them, in order of their pointers
};

[[nodiscard]] InstrumentReading read_instrument(std::string_view json);

}  // namespace weir::scoring
