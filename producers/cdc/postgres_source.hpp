// The Postgres side of a capture: a connection for its questions, which holds the advisory lock, and one for the log.
#pragma once

#include "producers/cdc/capture_ports.hpp"
#include "producers/cdc/tables.hpp"

namespace weir::cdc {

class PostgresSource final : public CaptureSource {
 public:
  PostgresSource(postgres::Settings settings, std::string slot, const TableSettings& tables)
      : settings_(std::move(settings)), slot_(std::move(slot)), tables_(tables) {}

  Result<SourceServer> connect() override;
  Result<bool> try_lock() override;
  Result<std::vector<CatalogTable>> check_tables() override;
  Result<SystemIdentity> open_log(TextForm form) override;
  Result<std::vector<TimelineEnd>> timeline_history(std::uint32_t timeline) override { return log_->timeline_history(timeline); }
  Result<void> drop_slot() override { return log_->drop_slot(slot_); }
  Result<NewSlot> create_slot() override;
  Result<std::unique_ptr<SnapshotRows>> open_snapshot(const NewSlot& slot) override;
  SourceCatalog& catalog() override { return *catalog_; }
  ShapeSource& shapes() override { return *shapes_; }
  ChangeLog& log() override { return *log_; }
  Fault explained(Fault fault, Lsn published) override;

 private:
  postgres::Settings settings_;
  std::string slot_;
  const TableSettings& tables_;
  TextForm form_ = TextForm::kUtf8;
  std::optional<postgres::Connection> connection_;
  std::optional<Catalog> catalog_;
  std::optional<CatalogShapes> shapes_;
  std::optional<Replication> log_;
};

}  // namespace weir::cdc
