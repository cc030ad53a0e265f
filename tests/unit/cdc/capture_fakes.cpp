#include "tests/unit/cdc/capture_fakes.hpp"

namespace weir::cdc::testing {

CatalogTable keyed_table(const std::string& name) {
  CatalogTable table;
  table.name = {"public", name};
  table.primary_key = {"id"};
  table.columns = {{"id", 25, -1}};
  table.identities = {{table.name, 'd', {"id"}}};
  return table;
}

Result<std::optional<CatalogTable>> FakeRows::table(const TableName& name) {
  if (!ids.contains(name.table)) return std::nullopt;
  return keyed_table(name.table);
}

Result<void> FakeRows::read(const CatalogTable& table, const Take& take) {
  for (const std::string& id : ids.at(table.name.table)) WEIR_TRY(take({{pgoutput::Cell::Kind::kText, id}}));
  return fault ? Result<void>(fail(*fault)) : Result<void>{};
}

Result<SourceServer> FakeSource::connect() {
  asked_ += "connect ";
  return server;
}

Result<bool> FakeSource::try_lock() {
  asked_ += "lock ";
  return lock();
}

Result<std::vector<CatalogTable>> FakeSource::check_tables() {
  asked_ += "tables ";
  return std::vector<CatalogTable>{keyed_table("t")};
}

Result<SystemIdentity> FakeSource::open_log(TextForm form) {
  asked_ += form == TextForm::kBytes ? "log-as-bytes " : "log ";
  return identity;
}

Result<std::vector<TimelineEnd>> FakeSource::timeline_history(std::uint32_t timeline) {
  asked_ += "history-" + std::to_string(timeline) + " ";
  return history;
}

Result<void> FakeSource::drop_slot() {
  asked_ += "drop ";
  return {};
}

Result<NewSlot> FakeSource::create_slot() {
  asked_ += "create ";
  if (fail_create) return fail(*fail_create);
  return NewSlot{Lsn{100}, "00000003-00000002-1"};
}

Result<std::unique_ptr<SnapshotRows>> FakeSource::open_snapshot(const NewSlot&) {
  asked_ += "rows ";
  return std::make_unique<FakeRows>(rows);
}

Result<void> FakeCaptureSink::open(const std::vector<std::string>& topics, const SinkIdentity& identity) {
  asked_ += "sink ";
  for (const std::string& topic : topics) opened += topic + " ";
  opened += identity.transactional_id;
  return fail_open ? Result<void>(fail(*fail_open)) : Result<void>{};
}

Result<Stored> FakeCaptureSink::stored(std::string_view) {
  asked_ += "stored ";
  return kept;
}

}  // namespace weir::cdc::testing
