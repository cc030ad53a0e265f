#include "common/migrations/catalog.hpp"

#include "common/core/digest.hpp"
#include "embedded/weir_migrations.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <optional>

namespace weir::migrations {

namespace {

constexpr std::string_view kFolder = "schemas/migrations/";

struct FileName {
  int version = 0;
  std::string name;
  bool is_up = false;
};

/// NNNN_name.up.sql or NNNN_name.down.sql.
std::optional<FileName> parse_name(std::string_view path) {
  if (!path.starts_with(kFolder)) return std::nullopt;
  path.remove_prefix(kFolder.size());
  FileName file;
  file.is_up = path.ends_with(".up.sql");
  if (!file.is_up && !path.ends_with(".down.sql")) return std::nullopt;
  path.remove_suffix(std::string_view(file.is_up ? ".up.sql" : ".down.sql").size());
  if (path.size() < 6 || path[4] != '_') return std::nullopt;
  const auto [end, error] = std::from_chars(path.data(), path.data() + 4, file.version);
  if (error != std::errc{} || end != path.data() + 4 || file.version < 1) return std::nullopt;
  file.name = path.substr(5);
  return file;
}

}  // namespace

std::string Migration::up_path() const { return fmt::format("{}{:04}_{}.up.sql", kFolder, version, name); }
std::string Migration::down_path() const { return fmt::format("{}{:04}_{}.down.sql", kFolder, version, name); }

Result<std::vector<Migration>> read_catalog(std::span<const EmbeddedFile> files) {
  std::map<int, Migration> by_version;
  for (const EmbeddedFile& file : files) {
    const auto parsed = parse_name(file.path);
    if (!parsed) return fail(FaultKind::kBug, fmt::format("{}: is not named NNNN_name.up.sql or NNNN_name.down.sql", file.path));
    Migration& migration = by_version[parsed->version];
    if (migration.version != 0 && migration.name != parsed->name) {
      return fail(FaultKind::kBug, fmt::format("{}: number {} is also that of {}", file.path, parsed->version, migration.name));
    }
    migration.version = parsed->version;
    migration.name = parsed->name;
    (parsed->is_up ? migration.up : migration.down) = file.text;
  }
  std::vector<Migration> migrations;
  for (auto& [version, migration] : by_version) {
    if (migration.up.empty()) return fail(FaultKind::kBug, fmt::format("{}: is missing or empty", migration.up_path()));
    if (migration.down.empty()) return fail(FaultKind::kBug, fmt::format("{}: is missing or empty", migration.down_path()));
    migration.checksum = hex(sha256(migration.up));
    migrations.push_back(std::move(migration));
  }
  return migrations;
}

Result<std::vector<Migration>> shipped() { return read_catalog(embedded::weir_migrations()); }

}  // namespace weir::migrations
