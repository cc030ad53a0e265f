// Decodes a record that is asked about as a working thread would.
#pragma once

#include "common/process/explanation.hpp"
#include "common/runtime/consumer.hpp"

#include <optional>

namespace weir::host {

/// Its views point into `told`.
[[nodiscard]] runtime::Record record_of(const process::RecordToExplain& told);

/// The event that the consumer was given of a record; none: the record ended without it. Its views point into `told`.
[[nodiscard]] std::optional<runtime::Event> event_of(runtime::Decoder& decoder, const process::RecordToExplain& told);

}  // namespace weir::host
