// weir check: whether everything that weir stands on is there and set up as it must be.
#include "common/config/place.hpp"
#include "common/migrations/migrator.hpp"
#include "common/process/components.hpp"
#include "common/process/services.hpp"
#include "common/topics/plan.hpp"
#include "operations/commands/check_role.hpp"
#include "operations/commands/check_source.hpp"
#include "operations/commands/check_times.hpp"
#include "operations/commands/commands.hpp"
#include "operations/commands/plain_text.hpp"
#include "operations/commands/views.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

namespace weir::operations {

namespace {

using process::failed;
using process::fine;
using process::warn;

constexpr Milliseconds kPatience{5'000};

void add(Findings& findings, const std::string& check, const Result<void>& result, const std::string& detail) {
  findings.push_back(result ? fine(check, detail) : failed(check, result.error()));
}

void add(Findings& findings, const std::string& check, Result<Findings> more) {
  if (!more) {
    findings.push_back(failed(check, more.error()));
    return;
  }
  for (Finding& finding : *more) findings.push_back(std::move(finding));
}

/// postgres.dsn, and the keys of the processes that have a connection string of their own.
std::vector<std::string> connection_strings(const config::Configuration& configuration) {
  std::vector<std::string> keys{"postgres.dsn"};
  const std::string shared = configuration.text("postgres.dsn");
  for (const config::Field& field : configuration.schema().fields()) {
    if (field.instead == "postgres.dsn" && configuration.text(field.key) != shared) keys.push_back(field.key);
  }
  return keys;
}

void check_plain_text(const config::Configuration& configuration, const kafka::Settings& kafka, Findings& findings) {
  const std::string broker = plain_text_broker(kafka);
  if (!broker.empty()) {
    findings.push_back(warn("kafka encryption", fmt::format("{} is spoken to in plain text", broker), "set kafka.tls.enabled: true"));
  }
  for (const std::string& key : connection_strings(configuration)) {
    const std::string host = plain_text_host(configuration.text(key));
    if (host.empty()) continue;
    findings.push_back(warn(fmt::format("{} encryption", key), fmt::format("{} may be spoken to in plain text", host),
                            "put sslmode=verify-full into the connection string"));
  }
}

using Components = std::vector<process::Component>;

/// The components that are named, as weir up takes them; without names those that have a connection string.
Result<Components> chosen(const std::vector<std::string>& words, const Components& all, const config::Configuration& configuration) {
  Components components;
  for (const process::Component& component : all) {
    if (words.empty() && !configuration.text(process::dsn_key(component)).empty()) components.push_back(component);
  }
  for (const std::string& word : words) {
    const process::Component* const found = process::find_component(all, word.substr(0, word.find(':')));
    if (found == nullptr) return fail(FaultKind::kUsage, word + ": no such component", "weir --help lists them");
    components.push_back(*found);
  }
  return components;
}

/// weir cdc works on the application's database, which need not have weir's tables.
bool needs_tables(const process::Component& component) { return !component.check_source; }

/// The file that was read, or that there was none: whoever runs the command elsewhere than the components would not notice.
std::string file_read(const cli::Invocation& invocation) {
  const std::string file = invocation.configuration_file().value_or(config::place_of_file());
  std::error_code error;
  return std::filesystem::exists(file, error) ? file + " reads without a fault"
                                              : "there is no file, neither weir.yaml here nor /etc/weir/weir.yaml";
}

Findings check_offline(const config::Configuration& configuration, const kafka::Settings& kafka, const Components& components) {
  Findings findings;
  constexpr std::string_view kRequired[] = {"postgres.dsn"};
  if (components.empty() || std::ranges::any_of(components, needs_tables)) {
    if (const auto missing = configuration.require(kRequired); !missing) findings.push_back(failed("configuration", missing.error()));
  }
  for (const process::Component& component : components) {
    const std::vector<std::string_view> keys(component.required.begin(), component.required.end());
    if (const auto missing = configuration.require(keys); !missing) findings.push_back(failed(component.name, missing.error()));
  }
  add(findings, "librdkafka", kafka::check_library_version(), "2.13.2 or newer");
  const auto topics = topics::shipped_topics();
  if (!topics) findings.push_back(failed("schemas/topics.yaml", topics.error()));
  const auto migrations = migrations::shipped();
  if (!migrations) findings.push_back(failed("schemas/migrations", migrations.error()));
  check_plain_text(configuration, kafka, findings);
  add(findings, "event times", check_event_times(configuration, components));
  for (const process::Component& component : components) {
    if (component.check) add(findings, component.name, component.check(configuration));
  }
  return findings;
}

Result<Findings> check_topics(kafka::Admin& admin) {
  const auto catalog = WEIR_TRY(topics::shipped_topics());
  Findings findings;
  for (const auto& difference : WEIR_TRY(topics::diff_topics(admin, catalog))) {
    const std::string check = "topic " + difference.topic;
    if (difference.step == topics::TopicStep::kCreate) {
      findings.push_back(failed(check, FaultKind::kKafkaUnknownTopic, "is not there", "run weir topics apply"));
    } else {
      findings.push_back(warn(check, fmt::format("{} is {}, declared {}", difference.setting, difference.is, difference.wanted),
                              "weir topics diff tells more"));
    }
  }
  if (findings.empty()) findings.push_back(fine("topics", fmt::format("{} as declared", catalog.size())));
  return findings;
}

/// Topics that a component does not start without. weir cdc makes those of tables when it first publishes them, so that one which is not
/// there may come yet.
Result<Findings> check_read_topics(kafka::Admin& admin, const config::Configuration& configuration, const Components& components) {
  Findings findings;
  for (const process::Component& component : components) {
    if (!component.reads) continue;
    std::vector<std::string> missing;
    for (const process::ReadTopic& topic : component.reads(configuration)) {
      if (!topic.may_be_missing) missing.push_back(topic.name);
    }
    for (const auto& topic : WEIR_TRY(admin.describe_topics(missing))) std::erase(missing, topic.name);
    const std::string check = fmt::format("topics of {}", component.name);
    if (missing.empty()) {
      findings.push_back(fine(check, "are there"));
    } else {
      findings.push_back(warn(check, fmt::format("weir {} waits for {}", component.name, fmt::join(missing, ", ")),
                              "start weir cdc, which makes the topics of its tables, or run weir topics apply"));
    }
  }
  return findings;
}

void check_kafka(const kafka::Settings& settings, const config::Configuration& configuration, const Components& components,
                 Findings& findings) {
  auto admin = kafka::Admin::open(settings);
  if (!admin) {
    findings.push_back(failed("kafka", admin.error()));
    return;
  }
  const auto answer = (*admin)->ping(kPatience);
  add(findings, "kafka", answer, settings.brokers);
  if (!answer) return;
  add(findings, "topics", check_topics(**admin));
  add(findings, "topics", check_read_topics(**admin, configuration, components));
}

void check_store(const process::Context& context, Findings& findings) {
  auto connection = cli::connect_to_look(context, "weir check");
  if (!connection) {
    findings.push_back(failed("postgres", connection.error()));
    return;
  }
  findings.push_back(fine("postgres", "reachable"));
  const auto current = migrations::require_current(*connection);
  add(findings, "migrations", current, "up to date");
  if (!current) return;
  const auto open = gaps(*connection, std::nullopt, false);
  if (!open && open.error().kind == FaultKind::kPgRefused) return;  // such as gateway and sealer, to whom gaps are nothing
  if (!open) {
    findings.push_back(failed("gaps", open.error()));
  } else if (!open->empty()) {
    findings.push_back(warn("gaps", fmt::format("{} wait for you", open->size()), "weir offsets show"));
  }
}

void check_roles(const process::Context& context, const Components& components, Findings& findings) {
  const auto keys = connection_strings(context.configuration);
  for (auto key = keys.begin() + 1; key != keys.end(); ++key) {
    const bool is_asked = std::ranges::any_of(components, [&](const auto& component) { return process::dsn_key(component) == *key; });
    if (!is_asked) continue;
    auto connection = cli::connect_to_look(context, "weir check", *key);
    if (!connection) {
      findings.push_back(failed(*key, connection.error()));
      continue;
    }
    const auto whose = std::ranges::find_if(components, [&](const auto& component) { return process::dsn_key(component) == *key; });
    findings.push_back(check_role(*connection, *key, &*whose));
  }
  // Who works as postgres.dsn says is told only where it cannot.
  const std::string shared = context.configuration.text("postgres.dsn");
  for (const process::Component& component : components) {
    if (!needs_tables(component) || shared.empty() || context.configuration.text(process::dsn_key(component)) != shared) continue;
    auto connection = cli::connect_to_look(context, "weir check");
    if (!connection) return;  // told already
    Finding finding = check_role(*connection, component.name, &component);
    if (finding.state == Finding::State::kFailed) findings.push_back(std::move(finding));
  }
}

/// Takes out the components that have no connection string of their own, where that of commands is weir_operator's, which is nobody else's
/// role: these have theirs where they run, in files of units for example, and what weir_operator lacks for them is no fault.
void leave_out_elsewhere(const process::Context& context, Components& components, Findings& findings) {
  auto connection = cli::connect_to_look(context, "weir check");
  if (!connection) return;  // told already
  const auto is_operator = connection->query("check_operator", "SELECT current_user = 'weir_operator'");
  if (!is_operator || !(*is_operator)[0].get<bool>(0)) return;
  const std::string shared = context.configuration.text("postgres.dsn");
  std::vector<std::string> names;
  for (const process::Component& component : components) {
    if (context.configuration.text(process::dsn_key(component)) == shared) names.push_back(component.name);
  }
  std::erase_if(components, [&](const process::Component& component) { return std::ranges::find(names, component.name) != names.end(); });
  if (names.empty()) return;
  findings.push_back(warn("components elsewhere", fmt::format("{}: have no connection string of their own here", fmt::join(names, ", ")),
                          "run weir check COMPONENT with the variables that the component has, such as those of /etc/weir/COMPONENT.env"));
}

/// `all`: others may run elsewhere, and read what is published here.
void check_source(const process::Context& context, const Components& components, const Components& all, Findings& findings) {
  const config::Configuration& configuration = context.configuration;
  auto source = cli::connect_to_look(context, "weir check", source_key(configuration));
  if (!source) {
    findings.push_back(failed("source", source.error()));
    return;
  }
  add(findings, "source", check_server(*source));
  const auto published = process::published_tables(all);
  for (const process::Component& component : components) {
    if (component.check_source) add(findings, component.name, component.check_source(configuration, *source, published));
  }
}

std::string_view state_name(Finding::State state) {
  switch (state) {
    case Finding::State::kOk:
      return "ok";
    case Finding::State::kWarning:
      return "warning";
    case Finding::State::kFailed:
      return "failed";
  }
  return "";
}

/// For a person the hint stands behind the detail; for a program it is a member of its own.
void report(const Findings& findings, const cli::Invocation& invocation) {
  cli::Table for_program({"check", "state", "detail", "hint"});
  cli::Table for_person({"check", "state", "detail"});
  for (const Finding& row : findings) {
    const std::string state(state_name(row.state));
    for_program.add({row.check, state, row.detail, row.hint.empty() ? cli::Cell() : cli::Cell(row.hint)});
    for_person.add({row.check, state, row.hint.empty() ? row.detail : fmt::format("{} ({})", row.detail, row.hint)});
  }
  cli::show(invocation.flag("--json") ? for_program : for_person, invocation);
}

Result<void> check(process::Context& context, const cli::Invocation& invocation, const Components& all) {
  Components components = WEIR_TRY(chosen(invocation.arguments, all, context.configuration));
  const auto kafka = process::kafka_settings(context.configuration, "weir-check");
  Findings findings{fine("configuration", file_read(invocation))};
  for (Finding& found : check_offline(context.configuration, kafka, components)) findings.push_back(std::move(found));
  const bool asks_tables = context.configuration.has("postgres.dsn") && std::ranges::any_of(components, needs_tables);
  if (!invocation.flag("--offline")) {
    check_kafka(kafka, context.configuration, components, findings);
    if (asks_tables) check_store(context, findings);
    if (asks_tables && invocation.arguments.empty()) leave_out_elsewhere(context, components, findings);
    if (asks_tables) check_roles(context, components, findings);
    if (!std::ranges::all_of(components, needs_tables)) check_source(context, components, all, findings);
  }
  report(findings, invocation);
  const auto is_failed = [](const Finding& row) { return row.state == Finding::State::kFailed; };
  const auto first = std::find_if(findings.begin(), findings.end(), is_failed);
  if (first == findings.end()) return {};
  Fault fault;
  fault.kind = first->kind;
  fault.message = fmt::format("{} of {} checks failed, first: {}: {}", std::count_if(findings.begin(), findings.end(), is_failed),
                              findings.size(), first->check, first->detail);
  fault.hint = first->hint;
  return fail(std::move(fault));
}

}  // namespace

cli::Command check_command(std::span<const process::Component> components) {
  cli::Command command;
  command.path = "check";
  command.help =
      "Check what a start needs: the configuration, Kafka, Postgres, the source's settings and tables, the topics and the migrations. Of "
      "the "
      "components that are named; without names, of all that have a connection string.";
  command.arguments = "[COMPONENT…]";
  command.examples = {"weir check", "weir check cdc gateway rollups    # what these need to start",
                      "weir check --offline --config /etc/weir/weir.yaml", "weir check --json"};
  command.options = {{.name = "--offline", .help = "Check what needs no service."}, cli::json_option()};
  command.run = [all = Components(components.begin(), components.end())](process::Context& context, const cli::Invocation& invocation) {
    return check(context, invocation, all);
  };
  return command;
}

}  // namespace weir::operations
