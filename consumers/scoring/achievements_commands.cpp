#include "consumers/scoring/achievements_commands.hpp"

#include "common/cli/view.hpp"
#include "consumers/scoring/document_files.hpp"
#include "consumers/scoring/pure/achievement_list.hpp"
#include "embedded/weir_scoring_achievements.hpp"

#include <fmt/format.h>

namespace weir::scoring {

namespace {

using cli::Invocation;

struct File {
  std::string name;
  std::vector<WrittenAchievement> achievements;
};

/// An achievement that is there under its key says the same afterwards. A deleted one stays deleted.
constexpr const char* kLoad = R"(
  INSERT INTO public.achievements AS a (organization_id, key, kind, name, condition, rarity, points)
  SELECT $1::uuid, n.key, n.kind, n.name, n.condition::jsonb, n.rarity, n.points
    FROM unnest($2, $3, $4, $5, $6, $7) AS n (key, kind, name, condition, rarity, points)
  ON CONFLICT (organization_id, key) DO UPDATE
    SET kind = excluded.kind, name = excluded.name, condition = excluded.condition, rarity = excluded.rarity, points = excluded.points
  WHERE (a.kind, a.name, a.condition, a.rarity, a.points)
        IS DISTINCT FROM (excluded.kind, excluded.name, excluded.condition, excluded.rarity, excluded.points)
  RETURNING a.id
)";

/// The named files, else what ships with weir. Fault kData where any has a fault: each is told, with its file and place.
Result<std::vector<File>> read_files(const Invocation& invocation) {
  std::vector<File> files;
  std::size_t faults = 0;
  for (const auto& [name, text] : WEIR_TRY(named_or_shipped(invocation.arguments, embedded::weir_scoring_achievements()))) {
    AchievementListReading reading = read_achievement_list(text);
    for (const DocumentFault& fault : reading.faults) {
      fmt::print(stderr, "{}:{}: {} ({})\n", name, fault.pointer, fault.message, fault.reason);
    }
    faults += reading.faults.size();
    files.push_back({name, std::move(reading.achievements)});
  }
  if (faults == 0) return files;
  return fail(FaultKind::kData, fmt::format("{} {}", faults, faults == 1 ? "fault" : "faults"));
}

Result<void> check(process::Context&, const Invocation& invocation) {
  for (const File& file : WEIR_TRY(read_files(invocation))) cli::print(file.name + ": no fault");
  return {};
}

Result<std::size_t> load_file(postgres::Connection& connection, const File& file, const std::optional<Uuid>& organization) {
  std::array<std::vector<std::string>, 5> texts;
  std::vector<std::int64_t> points;
  for (const WrittenAchievement& one : file.achievements) {
    std::size_t column = 0;
    for (const std::string* text : {&one.key, &one.kind, &one.name, &one.condition, &one.rarity}) texts[column++].push_back(*text);
    points.push_back(one.points);
  }
  postgres::Params params;
  params.add(organization);
  for (const auto& column : texts) params.add_array(column);
  params.add_array(points);
  return WEIR_TRY(connection.query("achievements_load", kLoad, params)).size();
}

Result<void> load(process::Context& context, const Invocation& invocation) {
  const auto organization = WEIR_TRY(invocation.uuid("--organization"));
  const std::vector<File> files = WEIR_TRY(read_files(invocation));
  auto connection = WEIR_TRY(cli::connect_to_read(context, "weir achievements", {{"public", "achievements"}}));
  return connection.within_transaction([&]() -> Result<void> {
    for (const File& file : files) {
      const auto written = load_file(connection, file, organization);
      if (!written) return fail(cli::explained(written.error().in(file.name)));
      cli::print(fmt::format("{}: {} written, {} unchanged", file.name, *written, file.achievements.size() - *written));
    }
    return {};
  });
}

}  // namespace

std::vector<cli::Command> achievements_commands() {
  cli::Command judge;
  judge.path = "achievements check";
  judge.help = "Judge achievements as files: every fault at once, with its file and JSON Pointer. Without FILE those that ship with weir.";
  judge.examples = {"weir achievements check mine.json"};
  judge.arguments = "[FILE…]";
  judge.run = check;

  cli::Command write;
  write.path = "achievements load";
  write.help =
      "Write achievements, all or none: what is there under the same key is changed to what the file says. Without FILE those that ship "
      "with weir.";
  write.examples = {"weir achievements load", "weir achievements load mine.json --organization $ORG"};
  write.arguments = "[FILE…]";
  write.options = {{.name = "--organization", .placeholder = "UUID", .help = "For this organization alone; else for every one."}};
  write.required = {"postgres.dsn"};
  write.run = load;
  return {std::move(judge), std::move(write)};
}

cli::Group achievements_group() { return {"achievements", "Achievements as data: files, and how they come into the database."}; }

}  // namespace weir::scoring
