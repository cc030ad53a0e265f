// librdkafka's errors as weir's faults: one table, used by every client in this folder.
#pragma once

#include "common/core/result.hpp"
#include "common/kafka/rdkafka.hpp"

#include <string>
#include <string_view>

namespace weir::kafka {

/// What an error code means for whoever called. Codes that heal by themselves are kKafkaRetriable; what nobody named is kKafkaFatal only
/// where librdkafka itself says so (fault_of), else kKafkaRetriable: the runtime's retries are visible, a wrong stop is an outage.
[[nodiscard]] FaultKind fault_kind(rd_kafka_resp_err_t code);

/// `where` says what was being done and with what: "produce to weir.actions.v1".
[[nodiscard]] Fault fault_of(rd_kafka_resp_err_t code, std::string_view where, std::string_view detail = {});
/// Takes the error over. Its own marks (fatal, requires abort, retriable) win over the table.
[[nodiscard]] Fault fault_of(ErrorPtr error, std::string_view where);

}  // namespace weir::kafka
