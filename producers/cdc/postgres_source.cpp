#include "producers/cdc/postgres_source.hpp"

#include "common/postgres/visibility.hpp"
#include "producers/cdc/culprit.hpp"
#include "producers/cdc/postgres_snapshot.hpp"
#include "producers/cdc/source_fault.hpp"

namespace weir::cdc {

Result<SourceServer> PostgresSource::connect() {
  connection_.emplace(WEIR_TRY(postgres::Connection::open(settings_)));
  catalog_.emplace(*connection_);
  return catalog_->server();
}

Result<bool> PostgresSource::try_lock() {
  const auto rows = WEIR_TRY(connection_->query("cdc_lock", "SELECT pg_try_advisory_lock(hashtextextended($1::text, 0))",
                                                postgres::Params().add("weir cdc " + slot_)));
  return rows[0].get<bool>(0);
}

Result<std::vector<CatalogTable>> PostgresSource::check_tables() {
  auto tables = WEIR_TRY(cdc::check_tables(*connection_, tables_));
  std::vector<TableName> names;
  for (const CatalogTable& table : tables) names.push_back(table.name);
  WEIR_TRY(postgres::require_visible(*connection_, names));
  return tables;
}

Result<SystemIdentity> PostgresSource::open_log(TextForm form) {
  form_ = form;
  shapes_.emplace(*connection_, tables_, form);
  log_.emplace(WEIR_TRY(Replication::open(settings_, form)));
  return log_->identify();
}

/// A start that fails leaves nothing behind in the application's database: tables that are published without need would refuse UPDATEs once
/// they lose their primary key.
Result<NewSlot> PostgresSource::create_slot() {
  const bool is_made = WEIR_TRY(make_publication(*connection_, tables_));
  auto slot = log_->create_slot(slot_);
  if (!slot && is_made) WEIR_TRY(drop_publication(*connection_, tables_));
  return slot;
}

Result<std::unique_ptr<SnapshotRows>> PostgresSource::open_snapshot(const NewSlot& slot) {
  return PostgresSnapshot::open(settings_, form_, tables_.publication, slot);
}

Fault PostgresSource::explained(Fault fault, Lsn published) {
  const auto failed_at = log_->failed_at();
  if (!is_untranslatable(fault) || !failed_at) return fault;
  return with_culprit(std::move(fault), settings_, slot_, tables_.publication, published, *failed_at);
}

}  // namespace weir::cdc
