#include "common/core/result.hpp"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("every fault has its row in the table, in order, with a name of its own") {
  for (std::size_t i = 0; i < fault_table().size(); ++i) {
    CHECK(static_cast<std::size_t>(fault_table()[i].kind) == i);
    for (std::size_t j = 0; j < i; ++j) CHECK(fault_table()[i].name != fault_table()[j].name);
  }
  CHECK(fault_table().size() == static_cast<std::size_t>(FaultKind::kKafkaFatal) + 1);
}

TEST_CASE("a fault prints as one line with its hint") {
  const Result<int> result = fail(FaultKind::kConfiguration, "kafka.brokers is missing", "set WEIR_KAFKA_BROKERS");
  CHECK(result.error().line() == "kafka.brokers is missing (set WEIR_KAFKA_BROKERS)");
  CHECK(result.error().in("weir.yaml").line() == "weir.yaml: kafka.brokers is missing (set WEIR_KAFKA_BROKERS)");
  CHECK(result.error().exit_code() == ExitCode::kConfiguration);
}

TEST_CASE("WEIR_TRY hands the value on, or the fault back") {
  const auto half = [](Result<int> in) -> Result<int> { return WEIR_TRY(std::move(in)) / 2; };
  CHECK(half(8).value() == 4);
  CHECK(half(fail(FaultKind::kData, "odd")).error().message == "odd");
}
