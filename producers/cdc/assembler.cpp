#include "producers/cdc/assembler.hpp"

#include <fmt/format.h>

namespace weir::cdc {

namespace {

constexpr auto kOutOfOrder = "the stream is taken again from the stored position; if this comes back, it is a bug in weir";

}  // namespace

Assembler::Assembler(EnvelopeWriter& writer, ShapeSource& shapes, const AssemblerLimits& limits, const Position& resume)
    : writer_(writer), shapes_(shapes), limits_(limits), resume_(resume.part), position_(resume.lsn), last_commit_(resume.last_commit) {}

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
  tables_.insert_or_assign(relation.id, WEIR_TRY(shapes_.shape(relation)));
  return {};
}

Result<void> Assembler::on(Lsn, const pgoutput::Type&, Instant) { return {}; }

Result<void> Assembler::on(Lsn lsn, const pgoutput::Insert& insert, Instant now) {
  return change(lsn, insert.relation, now,
                [&](const TableShape& table, const ChangeContext& at) { writer_.insert(table, at, insert.row, chunk_.records); });
}

Result<void> Assembler::on(Lsn lsn, const pgoutput::Update& update, Instant now) {
  return change(lsn, update.relation, now,
                [&](const TableShape& table, const ChangeContext& at) { writer_.update(table, at, update, chunk_.records); });
}

Result<void> Assembler::on(Lsn lsn, const pgoutput::Delete& erase, Instant now) {
  return change(lsn, erase.relation, now,
                [&](const TableShape& table, const ChangeContext& at) { writer_.remove(table, at, erase.old_row, chunk_.records); });
}

Result<void> Assembler::on(Lsn lsn, const pgoutput::Truncate& truncate, Instant now) {
  if (truncate.relations.empty()) return {};
  for (const auto relation : truncate.relations) WEIR_TRY(table(relation));
  return change(lsn, truncate.relations.front(), now, [&](const TableShape&, const ChangeContext& at) {
    for (const auto relation : truncate.relations) {
      if (const auto found = table(relation)) writer_.truncate(**found, at, chunk_.records);
    }
  });
}

Result<void> Assembler::on(Lsn lsn, const pgoutput::Logical& logical, Instant now) {
  if (transaction_ && !count()) return {};
  const std::size_t first = chunk_.records.size();
  writer_.message(context(lsn, now), logical, chunk_.records);
  seal(first);
  if (transaction_) return {};
  // A message outside of transactions has no commit: the next byte of the log is where the server takes up again.
  position_ = Lsn{lsn.value + 1};
  chunk_.boundary = Boundary{position_, last_commit_, std::nullopt, now, false};
  return {};
}

template <class Write>
Result<void> Assembler::change(Lsn lsn, std::uint32_t relation, Instant now, Write write) {
  if (!transaction_) return fail(FaultKind::kData, "a change outside of a transaction in the replication stream", kOutOfOrder);
  const TableShape* shape = WEIR_TRY(table(relation));
  if (!count()) return {};
  const std::size_t first = chunk_.records.size();
  write(*shape, context(lsn, now));
  seal(first);
  return {};
}

Result<const TableShape*> Assembler::table(std::uint32_t relation) const {
  const auto found = tables_.find(relation);
  if (found == tables_.end()) {
    return fail(FaultKind::kData, fmt::format("the replication stream never announced relation {}", relation), kOutOfOrder);
  }
  return &found->second;
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

bool Assembler::count() {
  ++transaction_->messages;
  if (transaction_->messages <= transaction_->skip) return false;
  if (transaction_->part_messages >= limits_.max_transaction_events) close_part();
  ++transaction_->part_messages;
  ++chunk_.changes;
  return true;
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
    if (transaction_ && transaction_->part > 1) record.headers.emplace_back("weir.part", std::to_string(transaction_->part));
    chunk_.bytes += record.bytes();
  }
  chunk_.omitted += writer_.take_omitted();
}

}  // namespace weir::cdc
