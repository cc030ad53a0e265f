#include "producers/cdc/snapshot.hpp"

#include "producers/cdc/metrics.hpp"
#include "producers/cdc/tables.hpp"
#include "producers/cdc/unpublishable.hpp"

#include <fmt/format.h>

namespace weir::cdc {

namespace {

constexpr std::size_t kSendRecords = 500;
constexpr std::size_t kSendBytes = 1UL << 20U;

}  // namespace

std::string_view snapshot_mark(bool first, bool first_of_table, bool last_of_table, bool last) {
  if (last) return "last";
  if (first) return "first";
  if (last_of_table) return "last_in_data_collection";
  return first_of_table ? "first_in_data_collection" : "true";
}

Result<StreamPosition> Snapshot::run(SnapshotRows& rows, const std::vector<CatalogTable>& tables, Lsn consistent_point,
                                     StreamPosition position) {
  position_ = std::move(position);
  position_.state = StreamPosition::State::kSnapshot;
  at_.lsn = consistent_point;
  at_.committed_at = context_.clock.now();
  at_.xid = rows.xid();
  for (const CatalogTable& table : tables) {
    context_.health.not_ready("snapshot", fmt::format("the first snapshot is reading table {}", table.name.text()));
    // The table is looked up again, so that columns or rows which its owner takes out of the publication while other tables are read are
    // not published.
    const auto published = WEIR_TRY(rows.table(table.name));
    if (!published)
      return fail(FaultKind::kPgOther,
                  fmt::format("table {} was dropped, or is no longer published, before the snapshot read it", table.name.text()));
    WEIR_TRY(read_table(rows, *published));
  }
  WEIR_TRY(release(true, true));
  WEIR_TRY(send());
  position_.state = StreamPosition::State::kStream;
  position_.lsn = consistent_point;
  position_.last_commit.reset();
  position_.part.reset();
  return position_;
}

Result<void> Snapshot::read_table(SnapshotRows& rows, const CatalogTable& table) {
  const auto shape = std::make_shared<const TableShape>(WEIR_TRY(shapes_.shape(announcement(table))));
  first_of_table_ = true;
  std::uint64_t count = 0;
  auto done = rows.read(table, [&](const pgoutput::Tuple& row) -> Result<void> {
    WEIR_TRY(release(first_of_table_, false));
    hold(shape, row);
    ++count;
    if (context_.stop.stopped()) return fail(FaultKind::kCancelled, "told to stop during the first snapshot");
    return {};
  });
  if (!done) {
    Fault fault = std::move(done).error();
    if (fault.sqlstate.starts_with("22") && !first_of_table_) fault.message += ", in the row after " + key_json(*held_->shape, held_->row);
    return fail(std::move(fault));
  }
  context_.log.info("cdc_snapshot_table", {{"table", table.name.text()}, {"rows", count}});
  return {};
}

void Snapshot::hold(const std::shared_ptr<const TableShape>& shape, const pgoutput::Tuple& row) {
  held_ = Held{shape, std::exchange(first_of_table_, false), {}, row};
  for (const pgoutput::Cell& cell : row) held_->texts.emplace_back(cell.text);
  for (std::size_t i = 0; i < row.size(); ++i) held_->row[i].text = held_->texts[i];
}

Result<void> Snapshot::release(bool last_of_table, bool last) {
  if (!held_) return {};
  at_.now = context_.clock.now();
  at_.snapshot = snapshot_mark(std::exchange(first_, false), held_->first_of_table, last_of_table, last);
  const std::size_t first = batch_.size();
  WEIR_TRY(write(*held_->shape, held_->row));
  for (std::size_t i = first; i < batch_.size(); ++i) batch_bytes_ += batch_[i].bytes();
  held_.reset();
  return batch_.size() >= kSendRecords || batch_bytes_ >= kSendBytes ? send() : Result<void>{};
}

Result<void> Snapshot::write(const TableShape& table, const pgoutput::Tuple& row) {
  if (table.outbox) return write_event(table, row);
  if (const auto broken = broken_key(table, row); !broken.empty()) return leave_out(table, no_text(table, broken));
  writer_.read(table, at_, row, batch_);
  if (batch_.back().bytes() <= writer_.max_record_bytes()) return {};
  Fault fault = too_large(table, batch_.back(), writer_.max_record_bytes());
  batch_.pop_back();
  return leave_out(table, std::move(fault));
}

Result<void> Snapshot::write_event(const TableShape& table, const pgoutput::Tuple& row) {
  OutboxEvent event = table.outbox->event(row, writer_.max_record_bytes());
  if (!event.objection.empty()) return leave_out(table, no_event(table, event.objection));
  if (!event.record) {
    left_out_.add(1, event.type);
    return {};
  }
  if (event.record->bytes() > writer_.max_record_bytes())
    return leave_out(table, too_large(table, *event.record, writer_.max_record_bytes()));
  if (event.omitted) context_.metrics.of(kOmitted).add();
  batch_.push_back(*std::move(event.record));
  return {};
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
