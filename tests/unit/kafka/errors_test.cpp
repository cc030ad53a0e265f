// Each kind of trouble of Kafka leads to the right action of the runtime, and its line says what the operator can do.
#include "common/kafka/errors.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::kafka;

TEST_CASE("an error code becomes the fault whose action fits") {
  struct Case {
    rd_kafka_resp_err_t code;
    FaultKind kind;
    Action action;
  };
  const Case cases[] = {
      {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, FaultKind::kKafkaRetriable, Action::kRetry},
      {RD_KAFKA_RESP_ERR__TRANSPORT, FaultKind::kKafkaRetriable, Action::kRetry},
      {RD_KAFKA_RESP_ERR__TIMED_OUT, FaultKind::kKafkaRetriable, Action::kRetry},
      {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, FaultKind::kKafkaRetriable, Action::kRetry},
      {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, FaultKind::kKafkaRetriable, Action::kRetry},
      {RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, FaultKind::kKafkaRetriable, Action::kRetry},
      {RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED, FaultKind::kKafkaRetriable, Action::kRetry},
      {RD_KAFKA_RESP_ERR__QUEUE_FULL, FaultKind::kKafkaQueueFull, Action::kRetry},
      {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, FaultKind::kKafkaUnknownTopic, Action::kStop},
      {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, FaultKind::kKafkaUnknownTopic, Action::kStop},
      {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, FaultKind::kData, Action::kStop},
      {RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, FaultKind::kGap, Action::kStop},
      {RD_KAFKA_RESP_ERR__LOG_TRUNCATION, FaultKind::kGap, Action::kStop},
      {RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, FaultKind::kGap, Action::kStop},
      {RD_KAFKA_RESP_ERR__FENCED, FaultKind::kKafkaFenced, Action::kStop},
      {RD_KAFKA_RESP_ERR_PRODUCER_FENCED, FaultKind::kKafkaFenced, Action::kStop},
      {RD_KAFKA_RESP_ERR_TRANSACTION_ABORTABLE, FaultKind::kKafkaTxnAbortable, Action::kRetry},
      {RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, FaultKind::kKafkaTxnAbortable, Action::kRetry},
      {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, FaultKind::kKafkaRefused, Action::kStop},
      {RD_KAFKA_RESP_ERR__FATAL, FaultKind::kKafkaFatal, Action::kStop},
      {RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT, FaultKind::kConfiguration, Action::kStop},
  };
  for (const auto& [code, kind, action] : cases) {
    CAPTURE(rd_kafka_err2name(code));
    CHECK(fault_kind(code) == kind);
    CHECK(fault_row(fault_of(code, "here").kind).action == action);
  }
}

TEST_CASE("a fault says what, where and what to do") {
  CHECK(fault_of(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "produce to a.topic").line() ==
        "produce to a.topic: Broker: Unknown topic or partition [UNKNOWN_TOPIC_OR_PART] (create it: weir topics apply)");
}

TEST_CASE("an error without marks of its own follows the table") {
  ErrorPtr error{rd_kafka_error_new(RD_KAFKA_RESP_ERR__TIMED_OUT, "too slow: %d ms", 7)};
  const Fault fault = fault_of(std::move(error), "commit");
  CHECK(fault.kind == FaultKind::kKafkaRetriable);
  CHECK(fault.message == "commit: too slow: 7 ms [_TIMED_OUT]");
}

TEST_CASE("of the faults of several records the first that lasts is kept, whichever comes first") {
  const Fault passing = fault_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "first");
  const Fault refused = fault_of(RD_KAFKA_RESP_ERR_INVALID_RECORD, "second");
  const Fault too_large = fault_of(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "third");
  std::optional<Fault> kept;
  keep_telling(kept, passing);
  CHECK(kept->message == passing.message);
  for (const Fault& next : {refused, too_large, passing}) {
    keep_telling(kept, next);
    CHECK(kept->message == refused.message);
  }
}

TEST_CASE("the library is new enough not to skip or repeat records") { CHECK(check_library_version().has_value()); }
