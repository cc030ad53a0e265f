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

TEST_CASE("where nobody knows better, the line ends with what the table says the operator can do") {
  CHECK(fail(FaultKind::kPgReadOnly, "cannot insert").value().line().ends_with("add target_session_attrs=read-write)"));
  CHECK(fail(FaultKind::kPgReadOnly, "cannot insert", "promote it").value().line() == "cannot insert (promote it)");
  CHECK(fail(FaultKind::kData, "odd").value().line() == "odd");
  for (const FaultRow& row : fault_table()) {
    const bool needs_a_person = row.exit_code == ExitCode::kRefused || row.exit_code == ExitCode::kBug;
    if (needs_a_person) CHECK_MESSAGE(!row.hint.empty(), row.name);
  }
}

TEST_CASE("what comes next is the table's action, and what is tried a few times stops at the eighth") {
  const auto next = [](FaultKind kind, int tries) { return next_action(fail(kind, "").value(), tries); };
  CHECK(next(FaultKind::kPgOther, 1) == Action::kRetry);
  CHECK(next(FaultKind::kPgOther, kFewTries - 1) == Action::kRetry);
  CHECK(next(FaultKind::kPgOther, kFewTries) == Action::kStop);
  CHECK(next(FaultKind::kPgConnection, 1'000) == Action::kRetry);
  CHECK(next(FaultKind::kPgConstraint, 1) == Action::kDivide);
  CHECK(next(FaultKind::kCommitInDoubt, 1) == Action::kResolveDoubt);
  for (const FaultRow& row : fault_table()) {
    Fault fault;
    fault.kind = row.kind;
    CHECK(next_action(fault, 1) != Action::kRetryFew);
  }
}

TEST_CASE("WEIR_TRY hands the value on, or the fault back") {
  const auto half = [](Result<int> in) -> Result<int> { return WEIR_TRY(std::move(in)) / 2; };
  CHECK(half(8).value() == 4);
  CHECK(half(fail(FaultKind::kData, "odd")).error().message == "odd");
}
