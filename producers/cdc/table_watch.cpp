#include "producers/cdc/table_watch.hpp"

#include "producers/cdc/metrics.hpp"
#include "producers/cdc/topic_name.hpp"

#include <algorithm>

namespace weir::cdc {

Result<void> TableWatch::look() {
  const PublicationGaps gaps = compare(settings_, WEIR_TRY(catalog_.published(settings_.publication)), snapshotted_);
  context_.metrics.of(kLeftOutTables).set(static_cast<double>(gaps.left_out.size()));
  context_.metrics.of(kLackingTables).set(static_cast<double>(gaps.lacking.size() + gaps.clashing.size()));
  context_.metrics.of(kUnsnapshottedTables).set(static_cast<double>(gaps.unsnapshotted.size()));
  if (!gaps.left_out.empty() && gaps.left_out != told_.left_out) {
    warn("cdc_tables_left_out", left_out_advice(settings_, gaps.left_out));
  }
  if (!gaps.unsnapshotted.empty() && gaps.unsnapshotted != told_.unsnapshotted) {
    warn("cdc_tables_without_snapshot", unsnapshotted_advice(gaps.unsnapshotted));
  }
  std::string lost;
  if (!gaps.lacking.empty()) {
    const Advice advice = lacking_advice(settings_, gaps.lacking);
    lost = advice.line();
    if (gaps.lacking != told_.lacking) context_.log.error("cdc_tables_lacking", {{"message", advice.what}, {"hint", advice.hint}});
  }
  if (!gaps.clashing.empty()) {
    const Advice advice = clashing_advice(settings_, gaps.clashing);
    lost += (lost.empty() ? "" : "; ") + advice.line();
    if (gaps.clashing != told_.clashing) context_.log.error("cdc_tables_clash", {{"message", advice.what}, {"hint", advice.hint}});
  }
  if (lost.empty()) {
    context_.health.ready("tables");
  } else {
    context_.health.not_ready("tables", lost);
  }
  told_ = gaps;
  return {};
}

Result<void> TableWatch::left_out(const std::vector<PublishedTable>& logged) {
  for (const PublishedTable& table : logged) {
    if (!seen_left_out_.insert(table).second) continue;
    if (is_wanted(settings_, table.name)) {
      warn("cdc_changes_left_out", taken_topic_advice(settings_, table.name));
      continue;
    }
    const auto published = WEIR_TRY(catalog_.published(settings_.publication));
    if (std::find(published.begin(), published.end(), table) != published.end()) continue;
    warn("cdc_changes_left_out", old_name_advice(settings_, table, published));
  }
  return {};
}

void TableWatch::warn(std::string_view event, const Advice& advice) {
  context_.log.warning(event, {{"message", advice.what}, {"hint", advice.hint}});
}

void LeftOutEvents::add(std::uint64_t events, const std::string& type) {
  // Whoever may write into the outbox may invent types, so not all can be remembered.
  constexpr std::size_t kMostTypes = 100;
  context_.metrics.of(kLeftOutEvents).add(static_cast<double>(events));
  if (told_.size() >= kMostTypes || !told_.insert(type).second) return;
  context_.log.warning("cdc_events_left_out",
                       {{"message", "events of type " + type + " are left out, and their rows stay in the outbox"},
                        {"hint", "name the type in cdc.outbox.types; dlq and agent_metrics are published from weir.outbox alone"}});
}

Result<TableShape> WantedShapes::shape(const pgoutput::Relation& relation) {
  TableShape shape = WEIR_TRY(shapes_.shape(relation));
  const TableName name{shape.schema, shape.table};
  shape.left_out = !is_wanted(settings_, name) || !has_topic(name);
  return shape;
}

bool WantedShapes::has_topic(const TableName& table) {
  if (table == settings_.outbox.table) return true;  // its events have topics of their own
  return topics_.try_emplace(topic_key(settings_.topic_prefix, table), table).first->second == table;
}

}  // namespace weir::cdc
