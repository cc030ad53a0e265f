// The one place where a SQLSTATE becomes a fault of weir.
#include "common/postgres/connection.hpp"

#include <fmt/format.h>

#include <array>

namespace weir::postgres {

namespace {

struct SqlStateRow {
  std::string_view prefix;  // a whole SQLSTATE, or the class that it begins with
  FaultKind kind;
};

// Whole states stand before their classes: the first row that fits decides.
constexpr std::array kRows{
    SqlStateRow{"40001", FaultKind::kPgSerialization},
    SqlStateRow{"40P01", FaultKind::kPgSerialization},
    SqlStateRow{"55P03", FaultKind::kPgLockTimeout},
    SqlStateRow{"55006", FaultKind::kPgInUse},
    SqlStateRow{"57014", FaultKind::kPgStatementTimeout},
    SqlStateRow{"25P03", FaultKind::kPgIdleTimeout},
    SqlStateRow{"25P04", FaultKind::kPgIdleTimeout},
    SqlStateRow{"25006", FaultKind::kPgReadOnly},
    SqlStateRow{"23503", FaultKind::kPgMissingRow},
    SqlStateRow{"42501", FaultKind::kPgRefused},
    SqlStateRow{"P0001", FaultKind::kPgRaised},
    SqlStateRow{"57P0", FaultKind::kPgConnection},
    SqlStateRow{"08P01", FaultKind::kPgOther},  // no connection that broke: one side does not speak the protocol
    SqlStateRow{"08", FaultKind::kPgConnection},
    SqlStateRow{"53", FaultKind::kPgResources},
    SqlStateRow{"23", FaultKind::kPgConstraint},
    SqlStateRow{"22", FaultKind::kPgValue},
    SqlStateRow{"54", FaultKind::kPgLimit},
    SqlStateRow{"28", FaultKind::kPgRefused},
    SqlStateRow{"42", FaultKind::kPgSchema},
    SqlStateRow{"3D", FaultKind::kPgSchema},
    SqlStateRow{"3F", FaultKind::kPgSchema},
};

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

/// One line: libpq breaks and indents its messages.
std::string trimmed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == '\n' || c == '\t' || c == ' ';
    if (!blank) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace

FaultKind fault_of_sqlstate(std::string_view sqlstate) {
  for (const SqlStateRow& row : kRows) {
    if (sqlstate.starts_with(row.prefix)) return row.kind;
  }
  return FaultKind::kPgOther;
}

Fault fault_of(const PGresult* result, std::string_view statement) {
  Fault fault;
  fault.sqlstate = field(result, PG_DIAG_SQLSTATE);
  fault.kind = fault.sqlstate.empty() ? FaultKind::kPgConnection : fault_of_sqlstate(fault.sqlstate);
  const std::string primary = field(result, PG_DIAG_MESSAGE_PRIMARY);
  fault.message = fmt::format("statement {}: {}{}", statement, primary.empty() ? trimmed(PQresultErrorMessage(result)) : trimmed(primary),
                              fault.sqlstate.empty() ? "" : fmt::format(" [{}]", fault.sqlstate));
  fault.constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  fault.column = field(result, PG_DIAG_COLUMN_NAME);
  fault.table = field(result, PG_DIAG_TABLE_NAME);
  return fault;
}

Fault fault_of(PGconn* connection, std::string_view doing) {
  const std::string text = trimmed(PQerrorMessage(connection));
  Fault fault;
  fault.kind = FaultKind::kPgConnection;
  const auto says = [&](std::string_view words) { return text.find(words) != std::string::npos; };
  // A refused connection carries its SQLSTATE only in words. Some can be mended by trying again, some cannot; "too many connections for
  // role" must not be taken for a role that is not there.
  if (says("too many connections for ") || says("too many clients") || says("connection slots are reserved")) {
    fault.kind = FaultKind::kPgResources;
  } else if (says("authentication failed") || says("no pg_hba.conf entry") || says("no password supplied") || says("role \"") ||
             says("replication role to start walsender") || says("permission denied to start WAL sender")) {
    fault.kind = FaultKind::kPgRefused;
  } else if (says("unsupported startup parameter")) {
    // PgBouncer takes no replication connection, nor options of a connection string.
    fault.kind = FaultKind::kConfiguration;
    fault.hint = "a pooler stands before Postgres: give the server's own address; docs/operator.md says what may go through a pooler";
  } else if (says("conversion between ") && says("is not supported")) {
    fault.kind = FaultKind::kPgSchema;
    fault.hint = "weir speaks UTF-8: move the data into a database of another encoding";
  } else if (says("database \"") && says("does not exist")) {
    fault.kind = FaultKind::kPgSchema;
    fault.hint = "create the database, or correct the name in the dsn";
  }
  fault.message = fmt::format("{}: {}", doing, text.empty() ? "the connection is lost" : text);
  return fault;
}

}  // namespace weir::postgres
