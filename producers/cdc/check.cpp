#include "producers/cdc/check.hpp"

#include "common/postgres/visibility.hpp"
#include "producers/cdc/topic_name.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace weir::cdc {

namespace {

using process::failed;
using process::Finding;
using process::Findings;
using process::fine;
using process::warn;

using Wanted = std::span<const process::TableRow>;

bool needs_before(const TableName& name, Wanted wanted) {
  return std::ranges::any_of(
      wanted, [&](const process::TableRow& row) { return row.use == process::TableUse::kFollowsWhole && row.name == name.text(); });
}

/// The statements that give whole old rows to every relation that lacks them.
std::string full_identities(const CatalogTable& table) {
  constexpr std::size_t kMostNamed = 10;
  std::vector<std::string> statements;
  for (const CatalogIdentity& identity : table.identities) {
    if (identity.kind != 'f') statements.push_back(fmt::format("ALTER TABLE {} REPLICA IDENTITY FULL", identity.table.sql()));
  }
  if (statements.size() > kMostNamed) {
    const auto more = statements.size() - kMostNamed;
    statements.resize(kMostNamed);
    statements.push_back(fmt::format("and {} partitions more", more));
  }
  return fmt::format("{}", fmt::join(statements, "; "));
}

Finding check_before(const std::string& check, const CatalogTable& table, Wanted wanted) {
  const std::string repair = full_identities(table);
  if (needs_before(table.name, wanted) && !repair.empty()) {
    return failed(check, FaultKind::kConfiguration, "does not publish old rows, which a component needs", repair);
  }
  if (table.identity == 'f' && !repair.empty()) {
    return warn(check, "has REPLICA IDENTITY FULL, but some of its partitions have not: their changes lack the old row", repair);
  }
  return fine(check, table.identities.empty() || !repair.empty() ? "primary key" : "primary key, full replica identity");
}

/// `published` are all tables that weir cdc would publish.
Result<Finding> check_table(Catalog& catalog, const TableName& name, const std::vector<TableName>& published, const TableSettings& settings,
                            Wanted wanted) {
  const std::string check = "table " + name.text();
  const auto table = WEIR_TRY(catalog.table(name, settings.publication));
  if (!table) {
    return failed(check, FaultKind::kConfiguration, "does not exist, or is not a table",
                  "run weir migrate up, or take it out of cdc.tables");
  }
  if (const auto line = objection(*table, settings); !line.empty()) return failed(check, FaultKind::kConfiguration, line, "");
  for (const TableName& other : published) {
    const auto line = other < name ? topic_clash(settings.topic_prefix, name, other) : std::string();
    if (!line.empty()) return failed(check, FaultKind::kConfiguration, line, "");
  }
  const auto access = WEIR_TRY(catalog.access(*table));
  if (!access.granted) {
    return failed(
        check, FaultKind::kPgRefused, fmt::format("role {} may not read its published columns", access.role),
        fmt::format("{}; GRANT USAGE ON SCHEMA {} TO {}", grant_of(*table, access.role), sql_name(name.schema), sql_name(access.role)));
  }
  if (name == settings.outbox.table) {
    if (const auto line = deletion_objection(name, access); !line.empty()) return failed(check, FaultKind::kPgRefused, line, "");
  }
  return check_before(check, *table, wanted);
}

Finding check_encoding(const SourceServer& server) {
  if (server.form() == TextForm::kUtf8) return fine("source encoding", server.encoding);
  return warn("source encoding",
              fmt::format("{}: the server does not know the encoding of its texts; a text that is not UTF-8 goes out as the placeholder, "
                          "named in header weir.omitted, and a key that is not UTF-8 ends weir cdc",
                          server.encoding),
              "move the data into a database of encoding UTF8");
}

Finding check_publication(const TableSettings& settings, const std::optional<PublicationState>& state) {
  const std::string check = "publication " + settings.publication;
  if (!state)
    return fine(check,
                "does not exist yet: weir cdc makes it where its role owns the tables, otherwise their owner makes it (weir.publish)");
  // check_gaps compares the tables, so none are given here.
  const auto line = objection(settings.publication, *state, {});
  return line.empty() ? fine(check, "fits") : failed(check, FaultKind::kConfiguration, line, "");
}

/// Finds tables whose changes a component reads and that are not published.
Findings check_followed(const std::vector<TableName>& published, Wanted wanted) {
  Findings findings;
  for (const process::TableRow& row : wanted) {
    const auto has_name = [&row](const TableName& name) { return name.text() == row.name; };
    if (row.use == process::TableUse::kOffers || std::ranges::any_of(published, has_name)) continue;
    findings.push_back(warn("table " + row.name, "is not published, and a component reads its changes",
                            "name it in cdc.tables, unless another connector publishes it"));
  }
  return findings;
}

}  // namespace

Result<Findings> check_published(postgres::Connection& source, const TableSettings& settings, Wanted wanted) {
  Catalog catalog(source);
  const auto state = WEIR_TRY(catalog.publication(settings.publication));
  std::vector<TableName> tables = settings.tables.empty() && state ? state->tables : settings.tables;
  if (settings.tables.empty()) std::erase_if(tables, is_own_result);
  std::sort(tables.begin(), tables.end());
  if (tables.empty()) {
    const std::string none = fmt::format("none: publication {} has no tables, and cdc.tables names none", settings.publication);
    if (state) return Findings{warn("published tables", none, "name them in cdc.tables")};
    return Findings{failed("published tables", FaultKind::kConfiguration, none + ": weir cdc does not start",
                           "name them in cdc.tables, or name the components that run here: weir check gateway rollups")};
  }
  Findings findings{check_encoding(WEIR_TRY(catalog.server())), check_publication(settings, state)};
  for (const TableName& name : tables) findings.push_back(WEIR_TRY(check_table(catalog, name, tables, settings, wanted)));
  for (Finding& finding : check_followed(tables, wanted)) findings.push_back(std::move(finding));
  const auto visible = postgres::require_visible(source, tables);
  findings.push_back(visible ? fine("row security", "hides no published row") : failed("row security", visible.error()));
  return findings;
}

}  // namespace weir::cdc
