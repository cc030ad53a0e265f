#include "producers/cdc/check_gaps.hpp"

namespace weir::cdc {

namespace {

/// None where no snapshot was taken yet, or where its tables are not known.
Result<std::optional<std::vector<PublishedTable>>> snapshotted_tables(const Settings& settings) {
  auto replication = WEIR_TRY(Replication::open(settings.postgres));
  const SystemIdentity source = WEIR_TRY(replication.identify());
  const auto admin = WEIR_TRY(kafka::Admin::open(settings.publisher.kafka));
  if (WEIR_TRY(admin->describe_topics({settings.publisher.position_topic})).empty()) return std::nullopt;
  const std::string key = position_key(settings.source_name, source.database, settings.stream.slot);
  return WEIR_TRY(read_stored(*admin, settings.publisher.position_topic, key, source.system_identifier)).snapshotted;
}

}  // namespace

Result<process::Findings> check_gaps(postgres::Connection& source, const Settings& settings) {
  const TableSettings& tables = settings.tables;
  process::Findings findings;
  // A missing publication is no finding, because the first start makes it.
  if (!WEIR_TRY(Catalog(source).publication(tables.publication))) return findings;
  const auto snapshotted = snapshotted_tables(settings);
  // A fault is ignored here, because other checks report services that are away and missing rights.
  const auto known = snapshotted ? *snapshotted : std::nullopt;
  const PublicationGaps gaps = compare(tables, WEIR_TRY(Catalog(source).published(tables.publication)), known);
  const std::string check = "tables of publication " + tables.publication;
  const auto warn = [&](const Advice& advice) { findings.push_back(process::warn(check, advice.what, advice.hint)); };
  if (!gaps.lacking.empty()) {
    const Advice advice = lacking_advice(tables, gaps.lacking);
    findings.push_back(process::failed(check, FaultKind::kConfiguration, advice.what, advice.hint));
  }
  if (!gaps.clashing.empty()) {
    const Advice advice = clashing_advice(tables, gaps.clashing);
    findings.push_back(process::failed(check, FaultKind::kConfiguration, advice.what, advice.hint));
  }
  if (!gaps.left_out.empty()) warn(left_out_advice(tables, gaps.left_out));
  if (!gaps.unsnapshotted.empty()) warn(unsnapshotted_advice(gaps.unsnapshotted));
  return findings;
}

}  // namespace weir::cdc
