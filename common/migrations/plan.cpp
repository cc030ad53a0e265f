#include "common/migrations/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::migrations {

namespace {

const Migration* find(const std::vector<Migration>& catalog, int version) {
  const auto found = std::find_if(catalog.begin(), catalog.end(), [&](const Migration& row) { return row.version == version; });
  return found == catalog.end() ? nullptr : &*found;
}

const Applied* find(const std::vector<Applied>& applied, int version) {
  const auto found = std::find_if(applied.begin(), applied.end(), [&](const Applied& row) { return row.version == version; });
  return found == applied.end() ? nullptr : &*found;
}

Result<void> known_target(const std::vector<Migration>& catalog, int to) {
  if (to == 0 || find(catalog, to) != nullptr) return {};
  return fail(FaultKind::kUsage, fmt::format("--to {}: there is no migration {}", to, to), "weir migrate status lists them");
}

}  // namespace

std::string_view state_name(StatusRow::State state) {
  switch (state) {
    case StatusRow::State::kApplied:
      return "applied";
    case StatusRow::State::kPending:
      return "pending";
    case StatusRow::State::kChanged:
      return "changed";
    case StatusRow::State::kUnknown:
      return "unknown";
  }
  return "";
}

std::vector<StatusRow> status_of(const std::vector<Migration>& catalog, const std::vector<Applied>& applied) {
  std::vector<StatusRow> rows;
  for (const Migration& migration : catalog) {
    StatusRow row{migration.version, migration.name, StatusRow::State::kPending, std::nullopt};
    if (const Applied* done = find(applied, migration.version)) {
      const bool same = done->checksum == migration.checksum && done->name == migration.name;
      row.state = same ? StatusRow::State::kApplied : StatusRow::State::kChanged;
      row.applied_at = done->applied_at;
    }
    rows.push_back(std::move(row));
  }
  for (const Applied& done : applied) {
    if (find(catalog, done.version) == nullptr) {
      rows.push_back({done.version, done.name, StatusRow::State::kUnknown, done.applied_at});
    }
  }
  std::sort(rows.begin(), rows.end(), [](const StatusRow& a, const StatusRow& b) { return a.version < b.version; });
  return rows;
}

Result<void> agree(const std::vector<Migration>& catalog, const std::vector<Applied>& applied) {
  for (const Applied& done : applied) {
    const Migration* migration = find(catalog, done.version);
    if (migration == nullptr) {
      return fail(FaultKind::kData,
                  fmt::format("the database has migration {:04}_{}, which this weir does not know", done.version, done.name),
                  "use the weir that applied it, or a newer one");
    }
    if (done.checksum != migration->checksum || done.name != migration->name) {
      return fail(FaultKind::kData,
                  fmt::format("{} is not what was applied on {}: its text has changed since", migration->up_path(),
                              format_instant(done.applied_at)),
                  "bring the file back as it was, and put the change into a new migration");
    }
  }
  return {};
}

Result<std::vector<Migration>> plan_up(const std::vector<Migration>& catalog, const std::vector<Applied>& applied, std::optional<int> to) {
  WEIR_TRY(agree(catalog, applied));
  if (to) WEIR_TRY(known_target(catalog, *to));
  std::vector<Migration> pending;
  for (const Migration& migration : catalog) {
    if (find(applied, migration.version) == nullptr && (!to || migration.version <= *to)) pending.push_back(migration);
  }
  return pending;
}

Result<std::vector<Migration>> plan_down(const std::vector<Migration>& catalog, const std::vector<Applied>& applied, int to) {
  WEIR_TRY(agree(catalog, applied));
  WEIR_TRY(known_target(catalog, to));
  std::vector<Migration> undone;
  for (const Migration& migration : catalog) {
    if (migration.version > to && find(applied, migration.version) != nullptr) undone.push_back(migration);
  }
  std::reverse(undone.begin(), undone.end());
  return undone;
}

}  // namespace weir::migrations
