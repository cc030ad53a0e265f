// One connection to Postgres over libpq: its statements (statements.hpp), the transactions that they stand in, and a COMMIT whose answer is
// believed only when it says COMMIT. Not thread-safe: one thread at a time owns a connection.
#pragma once

#include "common/postgres/statements.hpp"

namespace weir::postgres {

struct Settings {
  std::string dsn;               // libpq connection string or URI
  std::string application_name;  // shown in pg_stat_activity: "weir rollups"
  Milliseconds statement_timeout{30'000};
  Milliseconds lock_timeout{10'000};
  Milliseconds idle_in_transaction_timeout{5'000};
  Milliseconds connect_timeout{5'000};
  Milliseconds answer_grace{15'000};  // beyond statement_timeout: a server that is silent for longer is given up
  bool may_share_sessions = false;    // a pooler may give each transaction another session of the server: nothing of a session is relied on
  bool replication = false;           // replication=database: the walsender protocol; the timeouts above are then not set
};

/// Who a backend is: its pid together with its start, since pids come again.
struct BackendIdentity {
  std::int32_t pid = 0;
  std::string start;  // pg_stat_activity.backend_start as text
  friend bool operator==(const BackendIdentity&, const BackendIdentity&) = default;
};

class Connection : public Statements {
 public:
  /// Connects and sets the session's timeouts, UTC and tcp_user_timeout (session.hpp). Faults: kPgConnection, kPgRefused, kPgSchema (no
  /// such database), kConfiguration (a pooler that gives the session away).
  [[nodiscard]] static Result<Connection> open(const Settings& settings);
  /// Connects and sets nothing.
  [[nodiscard]] static Result<Connection> open_bare(const Settings& settings);
  /// From now on no statement is left prepared in the session, which may be another's at the next transaction.
  using Statements::prepare_nothing;

  /// Runs several statements by the simple protocol, without parameters (DDL, SET, replication commands). Gives the last answer's rows.
  using Statements::script;

  [[nodiscard]] Result<void> begin(std::string_view mode = "");  // mode: "ISOLATION LEVEL REPEATABLE READ READ ONLY"
  /// COMMIT. Fault kCommitInDoubt where it was sent and no answer came; kPgOther where the answer was ROLLBACK.
  [[nodiscard]] Result<void> commit();
  [[nodiscard]] Result<void> rollback();
  [[nodiscard]] bool in_transaction() const;
  /// Runs `work`, which returns a Result, in a transaction of its own. A fault of `work` rolls the transaction back and is returned, even
  /// where the rollback fails, because the server keeps nothing of a transaction whose session is lost.
  template <class Work>
  [[nodiscard]] auto within_transaction(Work work) -> decltype(work()) {
    WEIR_TRY(begin());
    auto done = work();
    if (done) {
      WEIR_TRY(commit());
    } else {
      static_cast<void>(rollback());
    }
    return done;
  }
  /// False once the link is lost, or the server has turned out to be a standby: open another.
  using Statements::usable;

  /// What is done while an answer is waited for that does not come at once; as Ledger::meanwhile says. Only on sessions with a
  /// statement_timeout.
  using Statements::meanwhile;

  [[nodiscard]] Result<BackendIdentity> identity();
  using Statements::raw;

 private:
  Connection(PGconn* connection, Milliseconds patience) : Statements(connection, patience) {}
};

/// The FaultKind of a five-character SQLSTATE (docs/architecture.md, "Fault to action").
[[nodiscard]] FaultKind fault_of_sqlstate(std::string_view sqlstate);
/// The Fault of a failed answer, with constraint, column and table where the server names them.
[[nodiscard]] Fault fault_of(const PGresult* result, std::string_view statement);
/// The Fault of a connection that failed without an answer.
[[nodiscard]] Fault fault_of(PGconn* connection, std::string_view doing);

}  // namespace weir::postgres
