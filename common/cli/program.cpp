#include "common/cli/program.hpp"

#include "common/cli/command_line.hpp"
#include "common/cli/output.hpp"
#include "common/config/place.hpp"
#include "common/http/ops.hpp"
#include "common/postgres/storable.hpp"
#include "common/process/pulse.hpp"
#include "common/process/signal_watch.hpp"
#include "common/process/without_exceptions.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

namespace weir::cli {

namespace {

/// One line; a fault of several lines (a wrong configuration) as a list under its count.
void print_fault(const std::string& who, const Fault& fault) {
  const std::string line = fault.line();
  const auto lines = std::count(line.begin(), line.end(), '\n') + 1;
  std::string text = fmt::format("{}: ", who);
  if (lines == 1 || fault.kind != FaultKind::kConfiguration) {
    text += line;
  } else {
    text += fmt::format("the configuration has {} faults:\n  ", lines);
    for (const char c : line) {
      text += c;
      if (c == '\n') text += "  ";
    }
  }
  text += '\n';
  const std::string shown = printable(text);
  std::fwrite(shown.data(), 1, shown.size(), stderr);
  std::fflush(stderr);
}

/// Log lines of a command are text, for a person, unless the configuration says otherwise.
telemetry::LogFormat format_of(const config::Configuration& configuration, bool is_command) {
  if (is_command && configuration.origin("log.format") == "default") return telemetry::LogFormat::kText;
  return configuration.text("log.format") == "text" ? telemetry::LogFormat::kText : telemetry::LogFormat::kJson;
}

telemetry::LogLevel level_of(const config::Configuration& configuration) {
  const std::string level = configuration.text("log.level");
  if (level == "debug") return telemetry::LogLevel::kDebug;
  if (level == "warning") return telemetry::LogLevel::kWarning;
  return level == "error" ? telemetry::LogLevel::kError : telemetry::LogLevel::kInfo;
}

/// Another component of this machine may hold the default port: then any free port does. A port that was asked for must be free.
Result<std::unique_ptr<http::Server>> start_ops(const process::Context& context, const process::Pulse& pulse) {
  const auto alive = [&pulse] { return pulse.alive(); };
  const std::string listen = context.configuration.text("http.ops_listen");
  auto server = http::start_ops_server(listen, context.metrics, context.health, alive);
  if (!server && server.error().kind == FaultKind::kIo && context.configuration.origin("http.ops_listen") == "default") {
    context.log.warning("ops_port_taken", {{"wanted", listen}, {"hint", "choose one with --ops-listen"}});
    server = http::start_ops_server("127.0.0.1:0", context.metrics, context.health, alive);
  }
  if (!server) return fail(server.error().in("http.ops_listen"));
  context.log.info("ops_listening", {{"port", (*server)->port()}});
  return server;
}

Result<void> run_component(const process::Component& component, process::Context& context, const process::Pulse& pulse) {
  context.health.starting();
  const auto ops = WEIR_TRY(start_ops(context, pulse));
  context.log.info("started", {{"version", WEIR_VERSION}, {"pid", static_cast<std::int64_t>(getpid())}});
  const auto result = process::without_exceptions([&] { return component.run(context); });
  if (!result && context.stop.stopped() && result.error().kind == FaultKind::kCancelled) return {};
  return result;
}

/// What a component or command needs of the configuration.
std::vector<std::string_view> required_keys(std::span<const config::Field> fields, std::span<const std::string> required) {
  std::vector<std::string_view> keys(required.begin(), required.end());
  for (const config::Field& field : fields) {
    const bool named = std::find(keys.begin(), keys.end(), field.key) != keys.end();
    if (field.required && !named && field.key.find('*') == std::string::npos) keys.emplace_back(field.key);
  }
  return keys;
}

/// A parent of weir may have left the signals blocked.
void unblock_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

/// Refuses the value of an option or argument that is empty or no text. Names of files may have any bytes.
Result<void> check_text(std::string_view name, std::string_view placeholder, const std::string& value) {
  if (value.empty()) return fail(FaultKind::kUsage, fmt::format("{}: must not be empty", name));
  const bool is_file = placeholder.find("FILE") != std::string_view::npos || placeholder.find("PATH") != std::string_view::npos;
  if (is_file || postgres::is_storable(value)) return {};
  return fail(FaultKind::kUsage, fmt::format("{} {}: is no text in UTF-8", name, value));
}

Result<void> check_texts(const Command& command, const Invocation& invocation) {
  for (const Option& option : command.options) {
    const auto given = invocation.option(option.name);
    if (!given || (given->empty() && option.may_be_empty)) continue;
    WEIR_TRY(check_text(option.name, option.placeholder, *given));
  }
  for (const std::string& argument : invocation.arguments) WEIR_TRY(check_text(command.arguments, command.arguments, argument));
  return {};
}

Result<void> execute(const Program& program, const Request& request, const std::string& name) {
  if (request.command != nullptr) WEIR_TRY(check_texts(*request.command, request.invocation));
  const config::Schema schema = schema_of(program);
  if (request.command != nullptr && request.command->without_configuration) {
    if (WEIR_TRY(request.command->without_configuration(schema, request.invocation))) return {};
  }
  const config::Inputs inputs{
      .path = request.path, .default_path = config::place_of_file(), .environment = config::environment(), .flags = request.flags};
  const auto configuration = WEIR_TRY(config::load(schema, inputs));
  const auto& fields = request.component != nullptr ? request.component->fields : request.command->fields;
  const auto& required = request.component != nullptr ? request.component->required : request.command->required;
  WEIR_TRY(configuration.require(required_keys(fields, required)));

  const SystemClock clock;
  telemetry::Log log(name, format_of(configuration, request.command != nullptr), level_of(configuration));
  telemetry::Metrics metrics;
  telemetry::Health health;
  process::StopSignal stop;
  process::Pulse pulse(clock, process::Pulse::kLimit);
  std::unique_ptr<process::SignalWatch> signals;
  unblock_signals();
  if (request.component != nullptr || request.command->drains) {
    signals = WEIR_TRY(process::SignalWatch::start(stop, [&](const char* signal) {
      log.info("stopping", {{"signal", signal}});
      health.not_ready("stop", fmt::format("stopping after {}", signal));
    }));
  }
  process::Context context{configuration, clock, log, metrics, health, stop, request.invocation.arguments, [&pulse] { pulse.beat(); }};
  if (request.component != nullptr) return run_component(*request.component, context, pulse);
  return process::without_exceptions([&] { return request.command->run(context, request.invocation); });
}

}  // namespace

config::Schema schema_of(const Program& program) {
  config::Schema schema;
  schema.add(config::common_fields());
  for (const process::Component& component : program.components) schema.add(component.fields);
  for (const Command& command : program.commands) schema.add(command.fields);
  return schema;
}

int run(const Program& program, std::span<const std::string> arguments) {
  // A peer that closes a socket or pipe is an error to be read, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  const auto line = read_command_line(program, arguments);
  if (!line) {
    print_fault("weir", line.error());
    return static_cast<int>(line.error().exit_code());
  }
  if (const auto* text = std::get_if<Text>(&*line)) {
    std::fputs(text->text.c_str(), stdout);
    if (!text->text.ends_with('\n')) std::fputc('\n', stdout);
    return 0;
  }
  const Request& request = std::get<Request>(*line);
  const std::string name = request.component != nullptr ? request.component->name : request.command->path;
  auto result = execute(program, request, name);
  if (result && output_has_failed()) result = fail(FaultKind::kIo, "standard output: not all that is to be printed could be written");
  if (result) return 0;
  print_fault("weir " + name, result.error());
  return static_cast<int>(result.error().exit_code());
}

}  // namespace weir::cli
