// weir audit verify.
#include "common/cli/view.hpp"
#include "common/core/json.hpp"
#include "common/kafka/admin.hpp"
#include "common/process/services.hpp"
#include "operations/audit/component.hpp"
#include "operations/audit/heads.hpp"
#include "operations/audit/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace weir::audit {

namespace {

constexpr std::int64_t kPage = 5'000;

using HeadsOf = std::map<Uuid, std::map<std::int64_t, Hash>>;

constexpr Milliseconds kPatienceForTopic{10'000};

void note_head(HeadsOf& heads, std::string_view line) {
  if (const auto head = head_in(line)) heads[head->organization][head->number] = head->hash;
}

Result<void> read_file(const std::string& path, HeadsOf& heads) {
  std::ifstream file(path);
  if (!file) return fail(FaultKind::kUsage, fmt::format("--heads {}: cannot be read", path));
  for (std::string line; std::getline(file, line);) note_head(heads, line);
  if (!heads.empty()) return {};
  return fail(FaultKind::kUsage, fmt::format("--heads {}: tells of no head", path),
              "give the sealer's log, its audit.heads_file, or the records of weir.audit_heads");
}

Result<void> read_topic(const process::Context& context, const std::string& topic, HeadsOf& heads) {
  const auto admin = WEIR_TRY(kafka::Admin::open(process::kafka_settings(context.configuration, "weir-audit")));
  if (WEIR_TRY(admin->describe_topics({topic})).empty()) {
    return fail(FaultKind::kUsage, fmt::format("--heads-topic {}: is not there", topic), "publish weir.audit_heads by weir cdc");
  }
  WEIR_TRY(admin->read_topic(
      topic, [&](const kafka::StoredRecord& record) { note_head(heads, record.value.value_or("")); }, kPatienceForTopic));
  if (!heads.empty()) return {};
  return fail(FaultKind::kUsage, fmt::format("--heads-topic {}: tells of no head", topic), "publish weir.audit_heads by weir cdc");
}

/// Reads the heads that were written outside: from a file, or from the topic of weir.audit_heads.
Result<HeadsOf> outside_heads(const process::Context& context, const cli::Invocation& invocation) {
  HeadsOf heads;
  if (const auto topic = invocation.option("--heads-topic")) WEIR_TRY(read_topic(context, *topic, heads));
  if (const auto path = invocation.option("--heads")) WEIR_TRY(read_file(*path, heads));
  return heads;
}

struct Report {
  cli::Table chains{std::vector<std::string>{"organization", "first", "last", "hash", "findings"}};
  cli::Table findings{std::vector<std::string>{"organization", "number", "row_id", "finding", "what"}};
  std::int64_t found = 0;
};

Result<void> walk(postgres::Connection& connection, const Uuid& organization, const HeadsOf& outside, Report& report) {
  const auto kept = outside.find(organization);
  ChainWalk walk(organization, WEIR_TRY(anchors(connection, organization)),
                 kept == outside.end() ? std::map<std::int64_t, Hash>{} : kept->second);
  std::int64_t after = 0;
  while (true) {
    const auto page = WEIR_TRY(links(connection, organization, after, kPage));
    for (const Seen& seen : page) walk.see(seen);
    if (!page.empty()) after = page.back().link.number;
    if (static_cast<std::int64_t>(page.size()) < kPage) break;
  }
  const auto findings = walk.finish();
  const std::int64_t found = static_cast<std::int64_t>(findings.size()) + walk.left_out();
  report.found += found;
  report.chains.add({organization.text(), walk.first(), walk.head().number, hex(walk.head().hash), found});
  for (const Finding& finding : findings) {
    report.findings.add(
        {organization.text(), finding.number, cli::cell_of(finding.row_id), std::string(name_of(finding.kind)), finding.what});
  }
  return {};
}

Result<std::vector<Uuid>> wanted_chains(postgres::Connection& connection, const std::optional<Uuid>& only, const HeadsOf& outside) {
  if (only) return std::vector<Uuid>{*only};
  auto all = WEIR_TRY(chains(connection));
  // A chain that was removed whole is known only by the heads that were written outside.
  for (const auto& [organization, heads] : outside) {
    if (std::ranges::find(all, organization) == all.end()) all.push_back(organization);
  }
  return all;
}

void show(const Report& report, const Waiting& rest, const cli::Invocation& invocation) {
  if (invocation.flag("--json")) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().name("chains").json(report.chains.json()).name("findings").json(report.findings.json());
    json.member("not_sealed", rest.rows).end_object();
    cli::print(out);
    return;
  }
  cli::print(report.chains.empty() ? "no chain yet: weir sealer makes them" : report.chains.text());
  if (!report.findings.empty()) cli::print("\n" + report.findings.text());
  if (rest.rows > 0) {
    cli::print(fmt::format("{} rows are not sealed yet, the oldest of {}", rest.rows, format_instant(*rest.oldest)));
  }
}

Result<void> verify(process::Context& context, const cli::Invocation& invocation) {
  const auto only = WEIR_TRY(invocation.uuid("--organization"));
  const HeadsOf outside = WEIR_TRY(outside_heads(context, invocation));
  auto connection = WEIR_TRY(cli::connect_to_read(context, "weir audit", {{"public", "audit_log"}}));
  // All is read in one snapshot, so that rows that are sealed or removed meanwhile are not taken for findings.
  WEIR_TRY(connection.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  Report report;
  for (const Uuid& organization : WEIR_TRY(wanted_chains(connection, only, outside))) {
    WEIR_TRY(walk(connection, organization, outside, report));
  }
  const Waiting rest = WEIR_TRY(waiting(connection, only));
  WEIR_TRY(connection.commit());
  show(report, rest, invocation);
  if (report.found == 0) return {};
  return fail(FaultKind::kData, fmt::format("the audit log has {} findings", report.found), "docs/audit.md says what each means");
}

}  // namespace

std::vector<cli::Command> commands() {
  cli::Command command;
  command.path = "audit verify";
  command.help = "Walk the chains of the audit log: find rows that were removed, altered or swapped, and ends that were cut off.";
  command.examples = {"weir audit verify", "weir audit verify --heads /var/log/weir/audit-heads.jsonl",
                      "weir audit verify --heads-topic weir.cdc.weir.audit_heads", "weir audit verify --organization $ORG --json"};
  command.options = {
      {.name = "--organization", .placeholder = "UUID", .help = "This organization's chain only."},
      {.name = "--heads",
       .placeholder = "FILE",
       .help = "Ends of chains as they were written outside: the sealer's log, its audit.heads_file, or records of the topic."},
      {.name = "--heads-topic", .placeholder = "TOPIC", .help = "Ends of chains from the topic of weir.audit_heads itself."},
      cli::json_option()};
  command.required = {"postgres.dsn"};
  command.run = verify;
  std::vector<cli::Command> all = retention_commands();
  all.insert(all.begin(), std::move(command));
  return all;
}

cli::Group group() { return {"audit", "The audit log and its chains."}; }

}  // namespace weir::audit
