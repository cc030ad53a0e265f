// The facts of a finding as JSON, for as long as the finding waits in the queue for its text.
//
//   facts := { NAME: { "int": 7 } | { "real": 0.5 } | { "text": "…" } | { "word": "weekday.monday" } | { "at": MICROSECONDS } , … }
#pragma once

#include "consumers/insights/pure/finding.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace weir::insights {

using Facts = std::map<std::string, Value>;

[[nodiscard]] std::string json_of(const Facts& facts);
/// None where the text has another form.
[[nodiscard]] std::optional<Facts> read_facts(std::string_view json);

}  // namespace weir::insights
