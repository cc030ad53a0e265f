// A record of a topic in the form in which a component's rules are asked about it.
#pragma once

#include "common/kafka/admin.hpp"
#include "common/process/explanation.hpp"

#include <string>

namespace weir::process {

[[nodiscard]] RecordToExplain told(std::string topic, kafka::StoredRecord record);

}  // namespace weir::process
