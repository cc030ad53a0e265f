// Reads the rows of tables in the snapshot that a new slot exported. It hands each row on as it arrives, so that the memory in use does not
// grow with the table.
#pragma once

#include "producers/cdc/capture_ports.hpp"

namespace weir::cdc {

class PostgresSnapshot final : public SnapshotRows {
 public:
  [[nodiscard]] static Result<std::unique_ptr<SnapshotRows>> open(postgres::Settings settings, TextForm form,
                                                                  const std::string& publication, const NewSlot& slot);
  [[nodiscard]] std::uint32_t xid() const override { return xid_; }
  Result<std::optional<CatalogTable>> table(const TableName& name) override;
  Result<void> read(const CatalogTable& table, const Take& take) override;

 private:
  PostgresSnapshot(postgres::Connection connection, std::string publication)
      : connection_(std::move(connection)), publication_(std::move(publication)) {}
  Result<void> rows(const CatalogTable& table, const Take& take);

  postgres::Connection connection_;
  std::string publication_;
  std::uint32_t xid_ = 0;
};

}  // namespace weir::cdc
