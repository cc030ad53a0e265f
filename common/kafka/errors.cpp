// The table from librdkafka's error codes to faults and their hints to the operator.
#include "common/kafka/errors.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::kafka {

namespace {

struct ErrorRow {
  rd_kafka_resp_err_t code;
  FaultKind kind;
};

// Grouped by meaning. A code that is missing here is a transient trouble of brokers or networks.
constexpr std::array kRows{
    ErrorRow{RD_KAFKA_RESP_ERR__QUEUE_FULL, FaultKind::kKafkaQueueFull},
    ErrorRow{RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, FaultKind::kKafkaUnknownTopic},
    ErrorRow{RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, FaultKind::kKafkaUnknownTopic},
    ErrorRow{RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, FaultKind::kKafkaUnknownTopic},
    ErrorRow{RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID, FaultKind::kKafkaUnknownTopic},
    ErrorRow{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, FaultKind::kData},
    ErrorRow{RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, FaultKind::kData},
    ErrorRow{RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, FaultKind::kData},
    ErrorRow{RD_KAFKA_RESP_ERR_INVALID_RECORD, FaultKind::kData},
    ErrorRow{RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, FaultKind::kData},
    ErrorRow{RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, FaultKind::kGap},
    ErrorRow{RD_KAFKA_RESP_ERR__LOG_TRUNCATION, FaultKind::kGap},
    ErrorRow{RD_KAFKA_RESP_ERR__NO_OFFSET, FaultKind::kGap},
    ErrorRow{RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, FaultKind::kGap},
    ErrorRow{RD_KAFKA_RESP_ERR__FENCED, FaultKind::kKafkaFenced},
    ErrorRow{RD_KAFKA_RESP_ERR_PRODUCER_FENCED, FaultKind::kKafkaFenced},
    ErrorRow{RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, FaultKind::kKafkaFenced},
    ErrorRow{RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, FaultKind::kKafkaFenced},
    ErrorRow{RD_KAFKA_RESP_ERR_TRANSACTION_ABORTABLE, FaultKind::kKafkaTxnAbortable},
    ErrorRow{RD_KAFKA_RESP_ERR__PURGE_QUEUE, FaultKind::kKafkaTxnAbortable},
    ErrorRow{RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, FaultKind::kKafkaTxnAbortable},
    ErrorRow{RD_KAFKA_RESP_ERR__AUTHENTICATION, FaultKind::kKafkaRefused},
    ErrorRow{RD_KAFKA_RESP_ERR__SSL, FaultKind::kKafkaRefused},
    ErrorRow{RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, FaultKind::kKafkaRefused},
    ErrorRow{RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, FaultKind::kKafkaRefused},
    ErrorRow{RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, FaultKind::kKafkaRefused},
    ErrorRow{RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, FaultKind::kKafkaRefused},
    ErrorRow{RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, FaultKind::kKafkaRefused},
    ErrorRow{RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, FaultKind::kKafkaRefused},
    ErrorRow{RD_KAFKA_RESP_ERR__FATAL, FaultKind::kKafkaFatal},
    ErrorRow{RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE, FaultKind::kKafkaFatal},
    ErrorRow{RD_KAFKA_RESP_ERR__INCONSISTENT, FaultKind::kKafkaFatal},
    ErrorRow{RD_KAFKA_RESP_ERR__STATE, FaultKind::kKafkaFatal},
    ErrorRow{RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, FaultKind::kKafkaFatal},
    ErrorRow{RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, FaultKind::kKafkaFatal},
    ErrorRow{RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL, FaultKind::kConfiguration},
    ErrorRow{RD_KAFKA_RESP_ERR_INVALID_GROUP_ID, FaultKind::kConfiguration},
    ErrorRow{RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT, FaultKind::kConfiguration},
    ErrorRow{RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, FaultKind::kConfiguration},
    ErrorRow{RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, FaultKind::kConfiguration},
    ErrorRow{RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, FaultKind::kConfiguration},
    ErrorRow{RD_KAFKA_RESP_ERR_INVALID_CONFIG, FaultKind::kConfiguration},
    ErrorRow{RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, FaultKind::kConfiguration},
    ErrorRow{RD_KAFKA_RESP_ERR_POLICY_VIOLATION, FaultKind::kConfiguration},
    ErrorRow{RD_KAFKA_RESP_ERR__INVALID_ARG, FaultKind::kConfiguration},
    ErrorRow{RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, FaultKind::kConfiguration},
};

/// The hint of a code that says more than its kind.
std::string_view hint_of(FaultKind kind, rd_kafka_resp_err_t code) {
  if (kind == FaultKind::kGap) return "weir offsets show names the partition; weir offsets accept-gap goes on behind the gap";
  if (code == RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT) return "keep it within the broker's group.min.session.timeout.ms and …max…";
  if (code == RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL)
    return "every member of the group must be a weir process, and before Kafka 4.0 all must have the same group_protocol";
  if (code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR) return "the cluster has fewer brokers than replicas were asked for";
  if (code == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP)
    return "the clock of this machine or of the broker is wrong; a topic with message.timestamp.type=LogAppendTime (weir topics apply) "
           "uses the broker's clock alone";
  return "";
}

}  // namespace

FaultKind fault_kind(rd_kafka_resp_err_t code) {
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const ErrorRow& r) { return r.code == code; });
  return row == kRows.end() ? FaultKind::kKafkaRetriable : row->kind;
}

Fault fault_of(rd_kafka_resp_err_t code, std::string_view where, std::string_view detail) {
  Fault fault;
  fault.kind = fault_kind(code);
  fault.message =
      std::string(where) + ": " + (detail.empty() ? rd_kafka_err2str(code) : std::string(detail)) + " [" + rd_kafka_err2name(code) + "]";
  fault.hint = hint_of(fault.kind, code);
  return fault;
}

Fault fault_of(ErrorPtr error, std::string_view where) {
  WEIR_ASSERT(error != nullptr);
  const rd_kafka_resp_err_t code = rd_kafka_error_code(error.get());
  Fault fault = fault_of(code, where, rd_kafka_error_string(error.get()));
  if (rd_kafka_error_is_fatal(error.get()) != 0) {
    const bool named =
        fault.kind == FaultKind::kKafkaFenced || fault.kind == FaultKind::kKafkaRefused || fault.kind == FaultKind::kConfiguration;
    if (!named) fault.kind = FaultKind::kKafkaFatal;
  } else if (rd_kafka_error_txn_requires_abort(error.get()) != 0) {
    // The fault keeps its kind where taking the transaction again would fail for the same reason.
    const bool lasting =
        fault.kind == FaultKind::kKafkaUnknownTopic || fault.kind == FaultKind::kData || fault.kind == FaultKind::kKafkaRefused;
    if (!lasting) fault.kind = FaultKind::kKafkaTxnAbortable;
  } else if (rd_kafka_error_is_retriable(error.get()) != 0) {
    fault.kind = FaultKind::kKafkaRetriable;
  }
  fault.hint = hint_of(fault.kind, code);
  return fault;
}

void keep_telling(std::optional<Fault>& kept, const Fault& fault) {
  const auto lasts = [](const Fault& one) { return next_action(one, 1) == Action::kStop; };
  if (!kept || (!lasts(*kept) && lasts(fault))) kept = fault;
}

}  // namespace weir::kafka
