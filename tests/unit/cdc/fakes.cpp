#include "tests/unit/cdc/fakes.hpp"

namespace weir::cdc::testing {

Result<Received> FakeLog::receive(Milliseconds patience) {
  std::this_thread::yield();
  const SteadyInstant now = SystemClock().steady();
  const auto passed = std::chrono::duration_cast<Microseconds>(now - asked_);
  // The rest of a microsecond counts into the next one.
  asked_ += passed;
  if (steps_.empty()) {
    stop_.stop();
    return Quiet{};
  }
  Step& step = steps_.front();
  if (step.says) {
    const auto says = std::move(step.says);
    steps_.pop_front();
    return says();
  }
  if (!step.holds) {
    clock_.advance(patience);
    step.time -= patience;
    if (step.time.count() <= 0) steps_.pop_front();
    return Quiet{};
  }
  clock_.advance(std::min<Microseconds>(passed, patience));
  if (step.holds()) steps_.pop_front();
  if (SystemClock().steady() > give_up_) return fail(lost(FaultKind::kTimeout, "what the script waits for did not come"));
  return Quiet{};
}

FakeLog& FakeLog::begin(std::uint64_t lsn, std::uint64_t final_lsn, std::uint32_t relation) {
  data(lsn, testing::begin(final_lsn));
  return data(lsn, testing::relation(relation, "public", std::string(1, static_cast<char>('s' + relation)), {{"id", 20, true}}));
}

FakeLog& FakeLog::transaction(std::uint64_t lsn, const std::vector<int>& ids, std::uint64_t end, std::uint32_t relation) {
  begin(lsn, end - 1, relation);
  for (const int id : ids) row(lsn, id, relation);
  return data(end - 1, testing::commit(end - 1, end));
}

Result<bool> FakeCatalog::delete_events(const TableName& outbox, const std::vector<std::string>& ids) {
  if (locked) return false;
  deleted += outbox.text() + ":";
  for (const std::string& id : ids) deleted += " " + id;
  deleted += "\n";
  return true;
}

Result<void> FakeSink::publish(const std::vector<OutRecord>& records) {
  const std::lock_guard lock(mutex_);
  if (fail_publish) return fail(*fail_publish);
  ++chunks_;
  for (const OutRecord& record : records) {
    text_ += record.value ? record.key.value_or("null") + " " : "~ ";
    published.push_back(record);
  }
  open_ += records.size();
  return {};
}

Result<void> FakeSink::keep(std::string_view key, std::optional<std::string_view> value) {
  const std::lock_guard lock(mutex_);
  text_ += std::string(key) + ":=" + std::string(value.value_or("nothing")) + " ";
  return {};
}

Result<void> FakeSink::commit(const StreamPosition& position) {
  std::unique_lock lock(mutex_);
  committing_ = true;
  changed_.notify_all();
  if (!changed_.wait_for(lock, kGiveUp, [&] { return !held_; })) return fail(lost(FaultKind::kTimeout, "the commit was held for ever"));
  committing_ = false;
  if (fail_commit) return fail(*fail_commit);
  text_ += "|" + std::to_string(position.lsn.value);
  if (position.part) text_ += "+" + std::to_string(position.part->messages);
  text_ += " ";
  open_ = 0;
  stored = position;
  return {};
}

Result<TableShape> FakeShapes::shape(const pgoutput::Relation& relation) {
  TableShape table;
  table.schema = relation.schema;
  table.table = relation.name;
  table.topic = "weir.cdc." + table.schema + "." + table.table;
  std::vector<std::string> names;
  for (const auto& column : relation.columns) {
    names.emplace_back(column.name);
    table.columns.push_back({names.back(), *builtin_type(column.type, column.modifier)});
  }
  table.key = {0};
  table.form = form;
  table.old_rows = OldRows(identity_of(relation, names));
  if (TableName{table.schema, table.table} == outbox.table)
    table.outbox = std::make_shared<const OutboxRoute>(WEIR_TRY(OutboxRoute::of(outbox, table.columns)));
  return table;
}

}  // namespace weir::cdc::testing
