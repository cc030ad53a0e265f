// Only the key goes to stdout, so that KEY=$(weir keys create …) works; the text for a person goes to stderr.
#include "producers/gateway/keys_command.hpp"

#include "common/cli/view.hpp"
#include "common/events/action.hpp"
#include "producers/gateway/key_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace weir::gateway {

namespace {

using cli::Invocation;

Result<postgres::Connection> connect(process::Context& context) {
  return cli::connect_to_read(context, "weir keys", {{"public", "api_keys"}});
}

Result<OrganizationId> organization_of(const std::string& text) {
  if (const auto id = Uuid::parse(text)) return OrganizationId{*id};
  return fail(FaultKind::kUsage, fmt::format("--organization {}: is no uuid", text), "SELECT id, name FROM organizations lists them");
}

Result<std::vector<std::string>> types_of(const Invocation& invocation) {
  std::vector<std::string> types;
  std::string rest = invocation.option("--types").value_or("");
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    types.push_back(rest.substr(0, comma));
    rest.erase(0, comma + 1);
    const auto known = events::action_types();
    if (std::ranges::find(known, types.back()) != known.end()) continue;
    return fail(FaultKind::kUsage, fmt::format("--types: '{}' is no event type", types.back()),
                fmt::format("there are {}", fmt::join(known, ", ")));
  }
  return types;
}

Result<Rate> rate_of(const Invocation& invocation) {
  const auto text = invocation.option("--events-per-hour");
  if (!text) return Rate{};
  std::int64_t events = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), events);
  if (error != std::errc{} || end != text->data() + text->size() || events <= 0) {
    return fail(FaultKind::kUsage, fmt::format("--events-per-hour {}: is no whole number above 0", *text), "leave it out for no limit");
  }
  return Rate{events, std::chrono::hours{1}};
}

Result<std::optional<Instant>> expiry_of(const Invocation& invocation, const Clock& clock) {
  const auto text = invocation.option("--expires-in");
  if (!text) return std::optional<Instant>();
  const auto after = parse_duration(*text);
  if (!after || *after <= Microseconds{0}) {
    return fail(FaultKind::kUsage, fmt::format("--expires-in {}: is no duration", *text),
                "give for example 24h or 90d; leave it out for never");
  }
  return std::optional<Instant>(clock.now() + *after);
}

Result<void> create(process::Context& context, const Invocation& invocation) {
  NewKey wanted;
  wanted.organization = WEIR_TRY(organization_of(invocation.option("--organization").value_or("")));
  wanted.types = WEIR_TRY(types_of(invocation));
  wanted.rate = WEIR_TRY(rate_of(invocation));
  wanted.expires_at = WEIR_TRY(expiry_of(invocation, context.clock));
  wanted.name = invocation.option("--name").value_or("");
  auto connection = WEIR_TRY(connect(context));
  const auto created = create_key(connection, wanted);
  if (!created && created.error().kind == FaultKind::kPgMissingRow) {
    return fail(FaultKind::kUsage, fmt::format("there is no organization {}", wanted.organization.text()),
                "SELECT id, name FROM organizations lists them");
  }
  if (!created) return fail(created.error());
  cli::print(created->key);
  fmt::print(stderr, "Keep this key: it is not shown again. Its id is {}; weir keys revoke {} takes it back.\n", created->id.text(),
             created->id.text());
  return {};
}

cli::Table table_of(const std::vector<ApiKey>& keys) {
  cli::Table table({"id", "prefix", "organization", "name", "types", "events_per_hour", "created_at", "expires_at", "revoked_at"});
  const auto when = [](const std::optional<Instant>& at) { return cli::cell_of(at ? std::optional(format_instant(*at)) : std::nullopt); };
  for (const ApiKey& key : keys) {
    const auto rate = cli::cell_of(key.rate.limits() ? std::optional(key.rate.events) : std::nullopt);
    const std::string types = key.types.empty() ? "all" : fmt::format("{}", fmt::join(key.types, ","));
    table.add({key.id.text(), key.prefix, key.organization.text(), key.name, types, rate, when(key.created_at), when(key.expires_at),
               when(key.revoked_at)});
  }
  return table;
}

void show(const std::vector<ApiKey>& keys, const Invocation& invocation) {
  const cli::Table table = table_of(keys);
  cli::print(invocation.flag("--json") ? table.json() : table.text());
}

Result<void> revoke(process::Context& context, const Invocation& invocation) {
  if (invocation.arguments.size() != 1) return fail(FaultKind::kUsage, "say which key: its id or its prefix", "weir keys list shows both");
  auto connection = WEIR_TRY(connect(context));
  const auto revoked = WEIR_TRY(revoke_key(connection, invocation.arguments.front()));
  if (revoked.empty()) {
    return fail(FaultKind::kUsage, fmt::format("no key in force has the id or prefix {}", invocation.arguments.front()),
                "weir keys list shows them");
  }
  show(revoked, invocation);
  return {};
}

Result<void> list(process::Context& context, const Invocation& invocation) {
  std::optional<OrganizationId> organization;
  if (const auto text = invocation.option("--organization")) organization = WEIR_TRY(organization_of(*text));
  auto connection = WEIR_TRY(connect(context));
  show(WEIR_TRY(list_keys(connection, organization)), invocation);
  return {};
}

cli::Command base(std::string path, std::string help, std::vector<std::string> examples) {
  cli::Command command;
  command.path = std::move(path);
  command.help = std::move(help);
  command.examples = std::move(examples);
  command.required = {"postgres.dsn"};
  return command;
}

}  // namespace

std::vector<cli::Command> keys_commands() {
  cli::Command make = base("keys create", "Make an API key and print it, once.",
                           {"weir keys create --organization 6a1f3c1e-0000-4000-8000-000000000001",
                            "KEY=$(weir keys create --organization $ORG --name 'web shop' --types user.action --expires-in 90d)"});
  make.options = {{.name = "--organization", .placeholder = "UUID", .help = "Whose events it publishes.", .required = true},
                  {.name = "--types", .placeholder = "TYPE,…", .help = "Event types that it may publish; all where left out."},
                  {.name = "--name", .placeholder = "TEXT", .help = "What it is for."},
                  {.name = "--events-per-hour", .placeholder = "N", .help = "A limit for each gateway process; none where left out."},
                  {.name = "--expires-in", .placeholder = "DURATION", .help = "When it ends by itself; never where left out."}};
  make.run = create;
  cli::Command take_back = base("keys revoke", "Take an API key back: the gateways refuse it within 10 seconds.",
                                {"weir keys revoke weir_Ab3dE6g", "weir keys revoke 0d9c2c9e-1111-4222-8333-444455556666"});
  take_back.options = {cli::json_option()};
  take_back.arguments = "ID|PREFIX";
  take_back.run = revoke;
  cli::Command show_all = base("keys list", "List API keys, newest first; the keys themselves are not kept.",
                               {"weir keys list", "weir keys list --organization $ORG --json"});
  show_all.options = {{.name = "--organization", .placeholder = "UUID", .help = "Only this organization's."}, cli::json_option()};
  show_all.run = list;
  return {std::move(make), std::move(take_back), std::move(show_all)};
}

cli::Group keys_group() {
  return {"keys", "API keys of applications (create, list, revoke), and the keys that encrypt values in columns (the others)."};
}

}  // namespace weir::gateway
