#include "producers/cdc/source_fault.hpp"

#include "common/postgres/connection.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cdc;

namespace {

/// The fault of an answer of the source, as libpq's side makes it.
Fault answered(const std::string& sqlstate, const std::string& hint = "") {
  Fault fault;
  fault.sqlstate = sqlstate;
  fault.kind = postgres::fault_of_sqlstate(sqlstate);
  fault.hint = hint;
  return judged(std::move(fault));
}

}  // namespace

TEST_CASE("each SQLSTATE that a walsender or a query of the source can end with has its ending and its exit code") {
  enum class Ending { kAgain, kAgainFew, kEnd };
  using enum Ending;
  struct Row {
    const char* sqlstate;
    Ending ending;
    ExitCode code;
  };
  for (const Row& row : {
           Row{"08006", kAgain, ExitCode::kUnavailable},     // connection_failure
           Row{"08P01", kAgainFew, ExitCode::kUnavailable},  // protocol_violation
           Row{"0A000", kAgainFew, ExitCode::kUnavailable},  // feature_not_supported: a standby that may be promoted
           Row{"22012", kEnd, ExitCode::kData},              // division_by_zero, in a row filter
           Row{"22021", kEnd, ExitCode::kData},              // character_not_in_repertoire
           Row{"22P05", kEnd, ExitCode::kData},              // untranslatable_character
           Row{"23514", kEnd, ExitCode::kData},              // check_violation, of an event trigger's table
           Row{"25006", kAgain, ExitCode::kUnavailable},     // read_only_sql_transaction
           Row{"28000", kEnd, ExitCode::kRefused},           // invalid_authorization_specification
           Row{"3D000", kEnd, ExitCode::kConfiguration},     // invalid_catalog_name
           Row{"40001", kAgain, ExitCode::kUnavailable},     // serialization_failure
           Row{"42501", kEnd, ExitCode::kRefused},           // insufficient_privilege
           Row{"42601", kEnd, ExitCode::kConfiguration},     // syntax_error
           Row{"42704", kEnd, ExitCode::kData},              // undefined_object: slot or publication
           Row{"42710", kEnd, ExitCode::kConfiguration},     // duplicate_object: the slot
           Row{"42P01", kEnd, ExitCode::kConfiguration},     // undefined_table
           Row{"53100", kAgain, ExitCode::kUnavailable},     // disk_full
           Row{"53200", kAgain, ExitCode::kUnavailable},     // out_of_memory
           Row{"53300", kAgain, ExitCode::kUnavailable},     // too_many_connections
           Row{"53400", kAgain, ExitCode::kUnavailable},     // configuration_limit_exceeded: all slots are taken
           Row{"54000", kEnd, ExitCode::kData},              // program_limit_exceeded: a row of more than a gigabyte
           Row{"55000", kAgainFew, ExitCode::kUnavailable},  // object_not_in_prerequisite_state: the next start names a lost slot
           Row{"55006", kAgain, ExitCode::kUnavailable},     // object_in_use: the slot is active
           Row{"55P03", kAgain, ExitCode::kUnavailable},     // lock_not_available
           Row{"57014", kAgain, ExitCode::kUnavailable},     // query_canceled
           Row{"57P01", kAgain, ExitCode::kUnavailable},     // admin_shutdown
           Row{"57P02", kAgain, ExitCode::kUnavailable},     // crash_shutdown
           Row{"57P03", kAgain, ExitCode::kUnavailable},     // cannot_connect_now
           Row{"57P04", kAgain, ExitCode::kUnavailable},     // database_dropped: the next connection says it
           Row{"57P05", kAgain, ExitCode::kUnavailable},     // idle_session_timeout
           Row{"58030", kAgainFew, ExitCode::kUnavailable},  // io_error
           Row{"58P01", kEnd, ExitCode::kData},              // undefined_file: a segment of the log has been removed
           Row{"72000", kAgainFew, ExitCode::kUnavailable},  // snapshot_too_old
           Row{"P0001", kEnd, ExitCode::kData},              // raise_exception, of an event trigger
           Row{"XX000", kAgainFew, ExitCode::kUnavailable},  // internal_error
           Row{"XX001", kEnd, ExitCode::kData},              // data_corrupted
           Row{"XX002", kEnd, ExitCode::kData},              // index_corrupted
       }) {
    const Fault fault = answered(row.sqlstate);
    CHECK_MESSAGE(is_last(fault, 1) == (row.ending == kEnd), row.sqlstate);
    CHECK_MESSAGE(is_last(fault, kFewTries) == (row.ending != kAgain), row.sqlstate);
    CHECK_MESSAGE(fault.exit_code() == row.code, row.sqlstate);
  }
}

TEST_CASE("a fault that ends a stream has a hint that fits its source") {
  CHECK(answered("22P05").hint ==
        "mend the row in the source; the log stays as it is: to go on without it and snapshot all tables again, run: weir cdc resnapshot");
  CHECK(answered("42704", "see `weir migrate status`").hint.starts_with("the publication or the slot was dropped, or made anew, since"));
  CHECK(answered("58P01").hint.ends_with("run: weir cdc resnapshot"));
  CHECK(answered("42P01", "see `weir migrate status`").hint.ends_with("weir check names it"));
  CHECK(answered("42501", "GRANT SELECT ON t TO r").hint == "GRANT SELECT ON t TO r");
}

TEST_CASE("faults of Kafka keep their kind, and a broken producer is made anew") {
  Fault fault;
  fault.kind = FaultKind::kKafkaFatal;
  fault.hint = "h";
  CHECK(judged(fault).hint == "h");
  CHECK_FALSE(is_last(fault, kFewTries));
  for (const auto kind : {FaultKind::kKafkaRetriable, FaultKind::kKafkaTxnAbortable, FaultKind::kKafkaQueueFull, FaultKind::kTimeout}) {
    fault.kind = kind;
    CHECK_FALSE(is_last(fault, kFewTries));
  }
  for (const auto kind :
       {FaultKind::kKafkaFenced, FaultKind::kGap, FaultKind::kData, FaultKind::kConfiguration, FaultKind::kKafkaRefused}) {
    fault.kind = kind;
    CHECK(is_last(fault, 1));
  }
}

TEST_CASE("a text that cannot be turned into UTF-8 is recognized by its SQLSTATE") {
  CHECK(is_untranslatable(answered("22021")));
  CHECK(is_untranslatable(answered("22P05")));
  CHECK_FALSE(is_untranslatable(answered("22012")));
}

TEST_CASE("an instance whose place was taken is told to start as a standby") {
  Fault fault;
  fault.kind = FaultKind::kKafkaFenced;
  CHECK(judged(fault).hint == "another weir cdc has taken over this slot; this one ends, start it again as a standby");
}
