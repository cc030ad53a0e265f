// Which tables come and go: looked at when a capture starts, and every few seconds while it streams. Whatever is published but not wanted,
// or wanted but not published, is reported by logs, gauges and, where changes are being lost, by readiness.
#pragma once

#include "common/process/component.hpp"
#include "producers/cdc/ports.hpp"
#include "producers/cdc/published.hpp"

#include <map>
#include <set>
#include <string>

namespace weir::cdc {

/// Borrows all that it is made of. Not thread-safe.
class TableWatch {
 public:
  TableWatch(SourceCatalog& catalog, const TableSettings& settings, process::Context& context)
      : catalog_(catalog), settings_(settings), context_(context) {}

  /// The tables that the last snapshot held; none where they are not known.
  void set_snapshotted(std::optional<std::vector<PublishedTable>> tables) { snapshotted_ = std::move(tables); }
  /// Reports the differences that are new since the last look.
  [[nodiscard]] Result<void> look();
  /// Tells of tables whose changes are left out, each once, where look() cannot: the publication does not have them by these names.
  [[nodiscard]] Result<void> left_out(const std::vector<PublishedTable>& logged);

 private:
  void warn(std::string_view event, const Advice& advice);

  SourceCatalog& catalog_;
  const TableSettings& settings_;
  process::Context& context_;
  std::optional<std::vector<PublishedTable>> snapshotted_;
  PublicationGaps told_;
  std::set<PublishedTable> seen_left_out_;
};

/// Counts events of the outbox that are left out because of their type, and names each type once. Not thread-safe.
class LeftOutEvents {
 public:
  explicit LeftOutEvents(process::Context& context) : context_(context) {}
  void add(std::uint64_t events, const std::string& type);

 private:
  process::Context& context_;
  std::set<std::string> told_;
};

/// Marks the shapes of tables that are not wanted, or whose topic another table has. A topic belongs to the first that asks for it, and
/// those of the start come before all others.
class WantedShapes final : public ShapeSource {
 public:
  WantedShapes(ShapeSource& shapes, const TableSettings& settings) : shapes_(shapes), settings_(settings) {}
  void take_topic(const TableName& table) { static_cast<void>(has_topic(table)); }
  Result<TableShape> shape(const pgoutput::Relation& relation) override;

 private:
  bool has_topic(const TableName& table);

  ShapeSource& shapes_;
  const TableSettings& settings_;
  std::map<std::string, TableName> topics_;  // by topic_key()
};

}  // namespace weir::cdc
