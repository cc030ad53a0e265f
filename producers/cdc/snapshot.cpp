#include "producers/cdc/snapshot.hpp"

#include "producers/cdc/metrics.hpp"
#include "producers/cdc/unpublishable.hpp"

#include <fmt/format.h>

namespace weir::cdc {

namespace {

constexpr std::size_t kSendRecords = 500;
constexpr std::size_t kSendBytes = 1UL << 20U;

/// A fault that a new snapshot heals: what was asked of the source is no longer there.
Fault passing(Fault fault) {
  fault.kind = FaultKind::kPgOther;
  fault.hint.clear();
  fault.sqlstate.clear();
  return fault;
}

Result<postgres::Connection> open_snapshot(const SnapshotSettings& from, const std::string& snapshot) {
  postgres::Settings settings;
  settings.dsn = from.dsn;
  settings.application_name = "weir cdc snapshot";
  // A large table takes as long as it takes, and the transaction rests while Kafka is slow.
  settings.statement_timeout = Milliseconds{0};
  settings.idle_in_transaction_timeout = Milliseconds{0};
  auto connection = WEIR_TRY(postgres::Connection::open(settings));
  WEIR_TRY(connection.script(text_settings(from.form)));
  WEIR_TRY(connection.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  auto taken = connection.script(fmt::format("SET TRANSACTION SNAPSHOT {}", sql_text(snapshot)));
  // It lives no longer than the connection that made the slot.
  if (!taken) return fail(passing(std::move(taken).error().in("the snapshot of the new slot is gone")));
  return connection;
}

std::string select_of(const CatalogTable& table) {
  // A child that inherits is a table of its own in the publication; a partition's rows are its root's.
  std::string columns;
  for (const CatalogColumn& column : table.columns) columns += (columns.empty() ? "" : ", ") + sql_name(column.name);
  return fmt::format("SELECT {} FROM {}{}{}", columns, table.partitioned ? "" : "ONLY ", table.name.sql(),
                     table.row_filter.empty() ? "" : fmt::format(" WHERE ({})", table.row_filter));
}

std::string grant_for(const postgres::Connection& connection, const CatalogTable& table) {
  return fmt::format("the table's owner lets it be read: {}", grant_of(table, PQuser(connection.raw())));
}

}  // namespace

std::string_view snapshot_mark(bool first, bool first_of_table, bool last_of_table, bool last) {
  if (last) return "last";
  if (first) return "first";
  if (last_of_table) return "last_in_data_collection";
  return first_of_table ? "first_in_data_collection" : "true";
}

namespace {

/// Ends the query at hand, so that the connection can be closed in order; what is left of its answer is of no use.
void drain(PGconn* connection) {
  while (PGresult* result = PQgetResult(connection)) PQclear(result);
}

}  // namespace

Result<StreamPosition> Snapshot::run(const std::string& publication, const std::vector<CatalogTable>& tables, const NewSlot& slot,
                                     StreamPosition position) {
  position_ = std::move(position);
  position_.state = StreamPosition::State::kSnapshot;
  auto connection = WEIR_TRY(open_snapshot(settings_, slot.snapshot));
  const auto xid =
      WEIR_TRY(connection.query("cdc_snapshot_xid", "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint & 4294967295"));
  at_.lsn = slot.consistent_point;
  at_.committed_at = context_.clock.now();
  at_.xid = static_cast<std::uint32_t>(xid[0].get<std::int64_t>(0));
  for (const CatalogTable& table : tables) {
    context_.health.not_ready("snapshot", fmt::format("the first snapshot is reading table {}", table.name.text()));
    // Asked again: an owner who leaves something out of the publication while other tables are read need not fear for it.
    const auto published = WEIR_TRY(Catalog(connection).table(table.name, publication));
    if (!published) return fail(FaultKind::kPgOther, fmt::format("table {} went away before the snapshot read it", table.name.text()));
    WEIR_TRY(read_table(connection, *published));
  }
  WEIR_TRY(release(true, true));
  WEIR_TRY(send());
  position_.state = StreamPosition::State::kStream;
  position_.lsn = slot.consistent_point;
  position_.last_commit.reset();
  position_.part.reset();
  return position_;
}

Result<void> Snapshot::read_table(postgres::Connection& connection, const CatalogTable& table) {
  auto rows = take_rows(connection, table);
  if (!rows) {
    PQrequestCancel(connection.raw());
    drain(connection.raw());
    Fault fault = std::move(rows).error();
    if (fault.sqlstate == "42501") {
      fault.hint = grant_for(connection, table);
    } else if (fault.sqlstate.starts_with("42")) {
      // The table was changed since the catalog was asked.
      fault = passing(std::move(fault));
    } else if (fault.sqlstate.starts_with("22") && !first_of_table_) {
      fault.message += ", in the row after " + key_json(*held_->shape, held_->row);
    }
    return fail(std::move(fault));
  }
  context_.log.info("cdc_snapshot_table", {{"table", table.name.text()}, {"rows", *rows}});
  return {};
}

Result<std::uint64_t> Snapshot::take_rows(postgres::Connection& connection, const CatalogTable& table) {
  const auto shape = std::make_shared<const TableShape>(WEIR_TRY(shapes_.shape(announcement(table))));
  first_of_table_ = true;
  const std::string sql = select_of(table);
  // Row by row as they arrive: memory does not follow the table.
  if (PQsendQuery(connection.raw(), sql.c_str()) == 0 || PQsetSingleRowMode(connection.raw()) == 0) {
    return fail(postgres::fault_of(connection.raw(), "snapshot of " + table.name.text()));
  }
  for (std::uint64_t rows = 0;; ++rows) {
    const postgres::Rows answer(PQgetResult(connection.raw()));
    if (answer.raw() == nullptr || PQresultStatus(answer.raw()) == PGRES_TUPLES_OK) {
      drain(connection.raw());
      return rows;
    }
    if (PQresultStatus(answer.raw()) != PGRES_SINGLE_TUPLE)
      return fail(postgres::fault_of(answer.raw(), "snapshot of " + table.name.text()));
    WEIR_TRY(take_row(shape, answer.raw()));
    if (context_.stop.stopped()) return fail(FaultKind::kCancelled, "told to stop during the first snapshot");
  }
}

Result<void> Snapshot::take_row(const std::shared_ptr<const TableShape>& shape, PGresult* row) {
  WEIR_TRY(release(first_of_table_, false));
  held_ = Held{};
  held_->shape = shape;
  held_->first_of_table = std::exchange(first_of_table_, false);
  const int columns = PQnfields(row);
  for (int i = 0; i < columns; ++i) {
    held_->texts.emplace_back(PQgetvalue(row, 0, i), static_cast<std::size_t>(PQgetlength(row, 0, i)));
  }
  for (int i = 0; i < columns; ++i) {
    const bool null = PQgetisnull(row, 0, i) != 0;
    held_->row.push_back({null ? pgoutput::Cell::Kind::kNull : pgoutput::Cell::Kind::kText, held_->texts[static_cast<std::size_t>(i)]});
  }
  return {};
}

Result<void> Snapshot::release(bool last_of_table, bool last) {
  if (!held_) return {};
  at_.now = context_.clock.now();
  at_.snapshot = snapshot_mark(std::exchange(first_, false), held_->first_of_table, last_of_table, last);
  WEIR_TRY(write(*held_->shape, held_->row));
  batch_bytes_ += batch_.back().bytes();
  held_.reset();
  return batch_.size() >= kSendRecords || batch_bytes_ >= kSendBytes ? send() : Result<void>{};
}

Result<void> Snapshot::write(const TableShape& table, const pgoutput::Tuple& row) {
  if (const auto broken = broken_key(table, row); !broken.empty()) return leave_out(table, no_text(table, broken));
  writer_.read(table, at_, row, batch_);
  if (batch_.back().bytes() <= writer_.max_record_bytes()) return {};
  Fault fault = too_large(table, batch_.back(), writer_.max_record_bytes());
  batch_.pop_back();
  return leave_out(table, std::move(fault));
}

Result<void> Snapshot::leave_out(const TableShape& table, Fault fault) {
  const Skip* skip = skips_.of_snapshot(table.schema, table.table);
  if (skip == nullptr) return fail(std::move(fault));
  writer_.skip(table, at_, skip->why, skip->by, batch_);
  context_.metrics.of(kSkipped).add();
  return {};
}

Result<void> Snapshot::send() {
  context_.beat();
  WEIR_TRY(sink_.publish(batch_));
  context_.metrics.of(kSnapshotRows).add(static_cast<double>(batch_.size()));
  if (const auto omitted = writer_.take_omitted(); omitted > 0) context_.metrics.of(kOmitted).add(static_cast<double>(omitted));
  open_bytes_ += std::exchange(batch_bytes_, 0);
  batch_.clear();
  if (sink_.open_records() < settings_.batch_records && open_bytes_ < settings_.batch_bytes) return {};
  open_bytes_ = 0;
  return sink_.commit(position_);
}

}  // namespace weir::cdc
