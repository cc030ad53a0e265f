// The two sides of a capture without Postgres and Kafka. Both write their calls down in one text, so that a test can state the order.
#pragma once

#include "tests/unit/cdc/fakes.hpp"

#include "producers/cdc/capture_ports.hpp"

#include <map>

namespace weir::cdc::testing {

/// A table with a key `id`.
CatalogTable keyed_table(const std::string& name);

/// Rows by table, each with an id. A table that the map lacks was dropped.
class FakeRows final : public SnapshotRows {
 public:
  [[nodiscard]] std::uint32_t xid() const override { return 7; }
  Result<std::optional<CatalogTable>> table(const TableName& name) override;
  Result<void> read(const CatalogTable& table, const Take& take) override;

  std::map<std::string, std::vector<std::string>> ids;
  std::optional<Fault> fault;  // after the rows of a table
};

class FakeSource final : public CaptureSource {
 public:
  FakeSource(weir::testing::ManualClock& clock, process::StopSignal& stop, std::string& asked) : replication(clock, stop), asked_(asked) {}
  Result<SourceServer> connect() override;
  Result<bool> try_lock() override;
  Result<std::vector<CatalogTable>> check_tables() override;
  Result<SystemIdentity> open_log(TextForm form) override;
  Result<std::vector<TimelineEnd>> timeline_history(std::uint32_t timeline) override;
  Result<void> drop_slot() override;
  Result<NewSlot> create_slot() override;
  Result<std::unique_ptr<SnapshotRows>> open_snapshot(const NewSlot& slot) override;
  SourceCatalog& catalog() override { return tables; }
  ShapeSource& shapes() override { return shape_source; }
  ChangeLog& log() override { return replication; }
  Fault explained(Fault fault, Lsn published) override { return fault.in("after " + published.text()); }

  SourceServer server;
  std::function<bool()> lock = [] { return true; };
  FakeLog replication;
  FakeCatalog tables;
  FakeShapes shape_source;
  FakeRows rows;
  SystemIdentity identity{"73", 1, "app"};
  std::vector<TimelineEnd> history;
  std::optional<Fault> fail_create;

 private:
  std::string& asked_;
};

class FakeCaptureSink final : public CaptureSink {
 public:
  explicit FakeCaptureSink(std::string& asked) : asked_(asked) {}
  Result<void> open(const std::vector<std::string>& topics, const SinkIdentity& identity) override;
  Result<Stored> stored(std::string_view system_identifier) override;
  RecordSink& records() override { return sink; }

  FakeSink sink;
  Stored kept;
  std::optional<Fault> fail_open;
  std::string opened;

 private:
  std::string& asked_;
};

}  // namespace weir::cdc::testing
