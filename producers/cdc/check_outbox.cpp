#include "producers/cdc/check_outbox.hpp"

#include "producers/cdc/published.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::cdc {

Result<process::Findings> check_outbox(postgres::Connection& source, const TableSettings& settings) {
  const TableName& outbox = settings.outbox.table;
  Catalog catalog(source);
  const auto table = WEIR_TRY(catalog.table(outbox, settings.publication));
  if (!table || !WEIR_TRY(catalog.access(*table)).granted) return process::Findings{};
  const auto published = WEIR_TRY(catalog.published(settings.publication));
  const bool is_published = std::ranges::any_of(published, [&](const PublishedTable& each) { return each.name == outbox; });
  if (is_published && is_wanted(settings, outbox)) return process::Findings{};
  const auto rows = WEIR_TRY(source.query("cdc_outbox_waits", fmt::format("SELECT EXISTS (SELECT FROM {})", outbox.sql())));
  if (!rows[0].get<bool>(0)) return process::Findings{};
  return process::Findings{
      process::warn("outbox " + outbox.text(), "rows wait in it, and nobody publishes them",
                    fmt::format("name it in cdc.tables, and let its owner run SELECT weir.publish('{{{}}}')", outbox.text()))};
}

}  // namespace weir::cdc
