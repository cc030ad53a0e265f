// librdkafka's errors as weir's faults: one table, used by every client in this folder.
#pragma once

#include "common/core/result.hpp"
#include "common/kafka/rdkafka.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace weir::kafka {

/// What an error code means for the caller. A code that heals by itself is kKafkaRetriable. A code that the table does not name is
/// kKafkaRetriable too, unless librdkafka itself calls it fatal (fault_of), because a retry is visible, while a wrong stop is an outage.
[[nodiscard]] FaultKind fault_kind(rd_kafka_resp_err_t code);

/// `where` says what was being done and with what: "produce to weir.actions.v1".
[[nodiscard]] Fault fault_of(rd_kafka_resp_err_t code, std::string_view where, std::string_view detail = {});
/// Takes ownership of the error. Its own marks (fatal, requires abort, retriable) win over the table.
[[nodiscard]] Fault fault_of(ErrorPtr error, std::string_view where);

/// Keeps the fault that tells among those of several records: the first that lasts, else the first. Records that share a batch with a
/// refused one fail, too, and for no reason of their own.
void keep_telling(std::optional<Fault>& kept, const Fault& fault);

}  // namespace weir::kafka
