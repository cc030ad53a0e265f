#include "producers/cdc/assembler.hpp"

#include "producers/cdc/outbox.hpp"
#include "producers/cdc/unpublishable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

namespace weir::cdc {

namespace {

constexpr auto kOutside = "a change outside of a transaction in the replication stream";
constexpr auto kOutOfOrder = "the stream begins again at the stored position; if this fault comes back, it is a bug in weir";

std::vector<std::string_view> names_of(const TableShape& shape) {
  std::vector<std::string_view> names;
  for (const ColumnShape& column : shape.columns) names.emplace_back(column.name);
  return names;
}

/// The identity of a partition, by the columns of its root, because the order of their columns may differ.
Identity as_held_by(const TableShape& partition, const TableShape& root) {
  Identity identity = partition.old_rows.own();
  std::vector<bool> holds(root.columns.size(), false);
  const auto names = names_of(partition);
  for (std::size_t i = 0; i < root.columns.size(); ++i) {
    const auto place = static_cast<std::size_t>(std::find(names.begin(), names.end(), root.columns[i].name) - names.begin());
    holds[i] = place < identity.holds.size() && identity.holds[place];
  }
  identity.holds = std::move(holds);
  return identity;
}

}  // namespace

Assembler::Assembler(EnvelopeWriter& writer, ShapeSource& shapes, const AssemblerLimits& limits, const StreamPosition& resume, Skips skips)
    : writer_(writer),
      shapes_(shapes),
      limits_(limits),
      skips_(std::move(skips)),
      resume_(resume.part),
      position_(resume.lsn),
      last_commit_(resume.last_commit) {}

Result<void> Assembler::apply(Lsn lsn, const pgoutput::Message& message, Instant now) {
  return std::visit([&](const auto& of_kind) { return on(lsn, of_kind, now); }, message);
}

bool Assembler::idle(Lsn wal_end, Instant now) {
  if (transaction_ || ready() || wal_end <= position_) return false;
  position_ = wal_end;
  chunk_.boundary = Boundary{position_, last_commit_, std::nullopt, now, true};
  return true;
}

bool Assembler::ready() const {
  return !sealed_.empty() || chunk_.boundary || chunk_.records.size() >= limits_.chunk_records || chunk_.bytes >= limits_.chunk_bytes;
}

Chunk Assembler::take() {
  if (sealed_.empty()) return std::exchange(chunk_, Chunk{});
  Chunk first = std::move(sealed_.front());
  sealed_.erase(sealed_.begin());
  return first;
}

Result<void> Assembler::on(Lsn, const pgoutput::Begin& begin, Instant) {
  if (transaction_) return fail(FaultKind::kData, "a transaction begins inside another in the replication stream", kOutOfOrder);
  transaction_ = Transaction{};
  transaction_->begin = begin;
  if (resume_) {
    if (resume_->transaction != begin.final_lsn) {
      return fail(FaultKind::kGap,
                  fmt::format("the stored position is inside the transaction that ends at {}, but the source goes on with the one at {}",
                              resume_->transaction.text(), begin.final_lsn.text()),
                  "to snapshot all tables again, run: weir cdc resnapshot");
    }
    transaction_->skip = resume_->messages;
    transaction_->part = resume_->number + 1;
  }
  resume_.reset();
  return {};
}

Result<void> Assembler::on(Lsn, const pgoutput::Commit& commit, Instant) {
  if (!transaction_) return fail(FaultKind::kData, "a commit without its transaction in the replication stream", kOutOfOrder);
  position_ = commit.end_lsn;
  last_commit_ = commit.end_lsn;
  chunk_.boundary = Boundary{position_, last_commit_, std::nullopt, commit.committed_at, false};
  transaction_.reset();
  return {};
}

Result<void> Assembler::on(Lsn, const pgoutput::Origin& origin, Instant) {
  if (!transaction_) return {};
  transaction_->origin = origin.name;
  transaction_->origin_lsn = origin.lsn;
  return {};
}

Result<void> Assembler::on(Lsn, const pgoutput::Relation& relation, Instant) {
  TableShape shape = WEIR_TRY(shapes_.shape(relation));
  const auto known = tables_.find(relation.id);
  // A change of the table's columns changes its partitions too, and then the server announces them again; otherwise the known ones are
  // kept.
  if (known != tables_.end() && names_of(known->second) == names_of(shape)) shape.old_rows.keep_partitions(known->second.old_rows);
  tables_.insert_or_assign(relation.id, std::move(shape));
  announced_.push_back(relation.id);
  return {};
}

Result<void> Assembler::on(Lsn, const pgoutput::Type&, Instant) { return {}; }

Result<void> Assembler::on(Lsn lsn, const pgoutput::Insert& insert, Instant now) {
  return change(lsn, insert, now, [&](const TableShape& table, const ChangeContext& at) -> Result<void> {
    if (table.outbox) return event(table, insert.row);
    WEIR_TRY(check_key(table, insert.row));
    writer_.insert(table, at, insert.row, chunk_.records);
    return {};
  });
}

Result<void> Assembler::on(Lsn lsn, const pgoutput::Update& update, Instant now) {
  return change(lsn, update, now, [&](const TableShape& table, const ChangeContext& at) -> Result<void> {
    const bool has_old = update.old_kind != pgoutput::Old::kNone;
    const OldRow old = WEIR_TRY(old_row(table, has_old ? &update.old_row : nullptr));
    WEIR_TRY(check_key(table, update.row));
    writer_.update(table, at, old, update.row, chunk_.records);
    return {};
  });
}

Result<void> Assembler::on(Lsn lsn, const pgoutput::Delete& erase, Instant now) {
  return change(lsn, erase, now, [&](const TableShape& table, const ChangeContext& at) -> Result<void> {
    const OldRow old = WEIR_TRY(old_row(table, &erase.old_row));
    writer_.remove(table, at, old, chunk_.records);
    return {};
  });
}

Result<void> Assembler::on(Lsn lsn, const pgoutput::Truncate& truncate, Instant now) {
  // The tables of a truncate are announced one by one, without partitions.
  announced_.clear();
  if (!transaction_) return fail(FaultKind::kData, kOutside, kOutOfOrder);
  std::vector<const TableShape*> wanted;
  std::vector<std::uint32_t> unwanted;
  for (const auto relation : truncate.relations) {
    const TableShape* shape = WEIR_TRY(table(relation));
    if (shape->outbox) continue;
    shape->left_out ? unwanted.push_back(relation) : wanted.push_back(shape);
  }
  // A truncate counts as one message, however many tables it empties, so that a part never ends inside it.
  if (!count(lsn, !wanted.empty())) return {};
  for (const auto relation : unwanted) leave_out(tables_.at(relation), relation);
  for (const TableShape* shape : wanted) {
    WEIR_TRY(put(*shape, lsn, now, [&](const TableShape& table, const ChangeContext& at) -> Result<void> {
      writer_.truncate(table, at, chunk_.records);
      return {};
    }));
  }
  return {};
}

Result<void> Assembler::on(Lsn lsn, const pgoutput::Logical& logical, Instant now) {
  if (transaction_ && !count(lsn, true)) return {};
  const std::size_t first = chunk_.records.size();
  writer_.message(context(lsn, now), logical, chunk_.records);
  seal(first);
  if (transaction_) return {};
  // A message outside of transactions has no commit, so the server takes up again at the next byte of the log.
  position_ = Lsn{lsn.value + 1};
  chunk_.boundary = Boundary{position_, last_commit_, std::nullopt, now, false};
  return {};
}

template <class Message, class Write>
Result<void> Assembler::change(Lsn lsn, const Message& message, Instant now, Write write) {
  constexpr bool is_insertion = std::is_same_v<Message, pgoutput::Insert>;
  if (!transaction_) return fail(FaultKind::kData, kOutside, kOutOfOrder);
  note_partition(message.relation);
  const TableShape* shape = WEIR_TRY(table(message.relation));
  // Of the outbox only insertions are published: its rows are deleted by weir cdc itself, and an event that was told cannot be changed.
  const bool wanted = !shape->left_out && (is_insertion || !shape->outbox);
  if (!count(lsn, wanted)) return {};
  if (wanted) return put(*shape, lsn, now, write);
  if (shape->left_out) leave_out(*shape, message.relation);
  return {};
}

Result<void> Assembler::event(const TableShape& table, const pgoutput::Tuple& row) {
  OutboxEvent made = table.outbox->event(row, writer_.max_record_bytes());
  if (!made.objection.empty()) return fail(no_event(table, made.objection, place_));
  if (!made.record) {
    --chunk_.changes;
    ++chunk_.left_out_events;
    chunk_.left_out_type = std::move(made.type);
    return {};
  }
  if (made.omitted) ++chunk_.omitted;
  chunk_.records.push_back(*std::move(made.record));
  return {};
}

template <class Write>
Result<void> Assembler::put(const TableShape& table, Lsn lsn, Instant now, Write write) {
  const std::size_t first = chunk_.records.size();
  const Skip* skip = skips_.empty() ? nullptr : skips_.of_change(table.schema, table.table, place_);
  if (skip != nullptr) {
    writer_.skip(table, context(lsn, now), skip->why, skip->by, chunk_.records);
    ++chunk_.skipped;
  } else {
    WEIR_TRY(write(table, context(lsn, now)));
  }
  seal(first);
  const auto& records = chunk_.records;
  const auto large = std::find_if(records.begin() + static_cast<std::ptrdiff_t>(first), records.end(),
                                  [&](const OutRecord& record) { return record.bytes() > writer_.max_record_bytes(); });
  return large == records.end() ? Result<void>{} : fail(too_large(table, *large, writer_.max_record_bytes()));
}

Result<const TableShape*> Assembler::table(std::uint32_t relation) const {
  const auto found = tables_.find(relation);
  if (found == tables_.end()) {
    return fail(FaultKind::kData, fmt::format("the replication stream never announced relation {}", relation), kOutOfOrder);
  }
  return &found->second;
}

void Assembler::note_partition(std::uint32_t relation) {
  const auto count = announced_.size();
  const bool as_root = count >= 2 && announced_[count - 2] == relation && announced_[count - 1] != relation;
  const auto partition = as_root ? tables_.find(announced_[count - 1]) : tables_.end();
  const auto root = tables_.find(relation);
  if (partition != tables_.end() && root != tables_.end()) {
    root->second.old_rows.add_partition(partition->first, as_held_by(partition->second, root->second));
  }
  announced_.clear();
}

Result<void> Assembler::check_key(const TableShape& table, const pgoutput::Tuple& row) const {
  const std::string broken = broken_key(table, row);
  if (!broken.empty()) return fail(no_text(table, broken, place_));
  return {};
}

Result<OldRow> Assembler::old_row(const TableShape& table, const pgoutput::Tuple* row) const {
  if (row != nullptr) WEIR_TRY(check_key(table, *row));
  const Identity* lacking = nullptr;
  if (auto old = table.old_rows.known(row, table.key, &lacking)) return *std::move(old);
  const TableName name{table.schema, table.table};
  std::string missing;
  for (const std::size_t column : table.key) {
    if (!lacking->holds[column]) missing += (missing.empty() ? "" : ", ") + table.columns[column].name;
  }
  return fail(
      FaultKind::kConfiguration,
      fmt::format("the change of table {} at {} does not say what {} was, by which the table's records are keyed: {} {} has {}",
                  name.text(), place_.lsn.text(), missing, lacking->table == name ? "table" : "partition", lacking->table.text(),
                  identity_text(lacking->kind)),
      fmt::format(
          "run ALTER TABLE {} REPLICA IDENTITY {}; what is in the log by then stays as it is: leave this change out by {}; or snapshot all "
          "tables again by weir cdc resnapshot",
          lacking->table.sql(), table.keyed_by_primary && lacking->kind != 'd' ? "DEFAULT" : "FULL", skip_command(name.text(), place_)));
}

ChangeContext Assembler::context(Lsn lsn, Instant now) const {
  ChangeContext at;
  at.lsn = lsn;
  at.last_commit = last_commit_;
  at.now = now;
  at.committed_at = transaction_ ? transaction_->begin.committed_at : now;
  if (transaction_) {
    at.xid = transaction_->begin.xid;
    at.origin = transaction_->origin;
    at.origin_lsn = transaction_->origin_lsn;
  }
  return at;
}

bool Assembler::count(Lsn lsn, bool wanted) {
  place_ = lsn == place_.lsn ? ChangePlace{lsn, place_.row + 1} : ChangePlace{lsn, 1};
  ++transaction_->messages;
  if (transaction_->messages <= transaction_->skip) return false;
  if (!wanted) return true;
  if (transaction_->part_messages >= limits_.max_transaction_events) close_part();
  ++transaction_->part_messages;
  ++chunk_.changes;
  return true;
}

void Assembler::leave_out(const TableShape& table, std::uint32_t relation) {
  ++chunk_.left_out;
  PublishedTable logged{{table.schema, table.table}, relation};
  auto& tables = chunk_.left_out_tables;
  if (std::find(tables.begin(), tables.end(), logged) == tables.end()) tables.push_back(std::move(logged));
}

void Assembler::close_part() {
  const Part part{transaction_->begin.final_lsn, transaction_->messages - 1, transaction_->part};
  chunk_.boundary = Boundary{position_, last_commit_, part, transaction_->begin.committed_at, false};
  sealed_.push_back(std::exchange(chunk_, Chunk{}));
  transaction_->part_messages = 0;
  ++transaction_->part;
}

void Assembler::seal(std::size_t first_record) {
  for (std::size_t i = first_record; i < chunk_.records.size(); ++i) {
    OutRecord& record = chunk_.records[i];
    record.place = place_;
    if (transaction_ && transaction_->part > 1) record.headers.emplace_back("weir.part", std::to_string(transaction_->part));
    chunk_.bytes += record.bytes();
  }
  chunk_.omitted += writer_.take_omitted();
}

}  // namespace weir::cdc
