#include "producers/cdc/postgres_snapshot.hpp"

#include <fmt/format.h>

namespace weir::cdc {

namespace {

/// Marks a fault as one that a new snapshot heals, because the source no longer has what it was asked for.
Fault passing(Fault fault) {
  fault.kind = FaultKind::kPgOther;
  fault.hint.clear();
  fault.sqlstate.clear();
  return fault;
}

std::string select_of(const CatalogTable& table) {
  // A table that inherits from this one is published by itself, while a partition's rows are published as its root's.
  std::string columns;
  for (const CatalogColumn& column : table.columns) columns += (columns.empty() ? "" : ", ") + sql_name(column.name);
  return fmt::format("SELECT {} FROM {}{}{}", columns, table.partitioned ? "" : "ONLY ", table.name.sql(),
                     table.row_filter.empty() ? "" : fmt::format(" WHERE ({})", table.row_filter));
}

/// Ends the query at hand and drops the rest of its answer, so that the connection can be closed in good order.
void drain(PGconn* connection) {
  while (PGresult* result = PQgetResult(connection)) PQclear(result);
}

pgoutput::Tuple tuple_of(const PGresult* row) {
  pgoutput::Tuple tuple;
  const int columns = PQnfields(row);
  tuple.reserve(static_cast<std::size_t>(columns));
  for (int i = 0; i < columns; ++i) {
    const bool null = PQgetisnull(row, 0, i) != 0;
    tuple.push_back({null ? pgoutput::Cell::Kind::kNull : pgoutput::Cell::Kind::kText,
                     {PQgetvalue(row, 0, i), static_cast<std::size_t>(PQgetlength(row, 0, i))}});
  }
  return tuple;
}

}  // namespace

Result<std::unique_ptr<SnapshotRows>> PostgresSnapshot::open(postgres::Settings settings, TextForm form, const std::string& publication,
                                                             const NewSlot& slot) {
  settings.application_name = "weir cdc snapshot";
  // No timeout: reading a large table may take long, and the transaction is idle while Kafka is slow.
  settings.statement_timeout = Milliseconds{0};
  settings.idle_in_transaction_timeout = Milliseconds{0};
  auto connection = WEIR_TRY(postgres::Connection::open(settings));
  WEIR_TRY(connection.script(text_settings(form)));
  WEIR_TRY(connection.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  auto taken = connection.script(fmt::format("SET TRANSACTION SNAPSHOT {}", sql_text(slot.snapshot)));
  // The snapshot lives only as long as the connection that made the slot.
  if (!taken) return fail(passing(std::move(taken).error().in("the snapshot of the new slot is gone")));
  const auto xid =
      WEIR_TRY(connection.query("cdc_snapshot_xid", "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint & 4294967295"));
  std::unique_ptr<PostgresSnapshot> snapshot(new PostgresSnapshot(std::move(connection), publication));
  snapshot->xid_ = static_cast<std::uint32_t>(xid[0].get<std::int64_t>(0));
  return snapshot;
}

Result<std::optional<CatalogTable>> PostgresSnapshot::table(const TableName& name) {
  return Catalog(connection_).table(name, publication_);
}

Result<void> PostgresSnapshot::read(const CatalogTable& table, const Take& take) {
  auto done = rows(table, take);
  if (done) return done;
  PQrequestCancel(connection_.raw());
  drain(connection_.raw());
  Fault fault = std::move(done).error();
  if (fault.sqlstate == "42501") {
    fault.hint = fmt::format("the table's owner lets it be read: {}", grant_of(table, PQuser(connection_.raw())));
  } else if (fault.sqlstate.starts_with("42")) {
    // The table was changed after the catalog was read.
    fault = passing(std::move(fault));
  }
  return fail(std::move(fault));
}

Result<void> PostgresSnapshot::rows(const CatalogTable& table, const Take& take) {
  const std::string sql = select_of(table);
  if (PQsendQuery(connection_.raw(), sql.c_str()) == 0 || PQsetSingleRowMode(connection_.raw()) == 0) {
    return fail(postgres::fault_of(connection_.raw(), "snapshot of " + table.name.text()));
  }
  while (true) {
    const postgres::Rows answer(PQgetResult(connection_.raw()));
    if (answer.raw() == nullptr || PQresultStatus(answer.raw()) == PGRES_TUPLES_OK) {
      drain(connection_.raw());
      return {};
    }
    if (PQresultStatus(answer.raw()) != PGRES_SINGLE_TUPLE)
      return fail(postgres::fault_of(answer.raw(), "snapshot of " + table.name.text()));
    WEIR_TRY(take(tuple_of(answer.raw())));
  }
}

}  // namespace weir::cdc
