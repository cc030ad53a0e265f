// Log lines. JSON: {"time":…,"level":…,"component":…,"event":…, fields…}; text: time level component event name=value ….
#include "common/telemetry/log.hpp"

#include "common/core/json.hpp"
#include "common/core/time.hpp"
#include "common/core/waiting.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace weir::telemetry {

namespace {

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

/// Words stay bare in a text line; anything that could be taken for the next field is quoted.
bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  return text.find_first_of(" \"=\\\n\r\t") != std::string_view::npos;
}

struct ForProgram {
  JsonWriter& json;
  template <class Value>
  void operator()(const Value& value) const {
    json.value(value);
  }
};

struct ForPerson {
  std::string& out;
  template <class Value>
  void operator()(const Value& value) const {
    JsonWriter(out).value(value);
  }
  void operator()(const std::string& value) const {
    if (needs_quotes(value)) {
      append_json_string(out, value);
    } else {
      out += value;
    }
  }
};

std::string json_line(std::string_view time, LogLevel level, std::string_view component, std::string_view event,
                      std::span<const LogField> fields) {
  std::string line;
  JsonWriter json(line);
  json.begin_object().member("time", time).member("level", level_name(level)).member("component", component).member("event", event);
  for (const LogField& field : fields) std::visit(ForProgram{json.name(field.name)}, field.value);
  json.end_object();
  return line;
}

std::string text_line(std::string_view time, LogLevel level, std::string_view component, std::string_view event,
                      std::span<const LogField> fields) {
  std::string line = fmt::format("{} {:<7} {} {}", time, level_name(level), component, event);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    std::visit(ForPerson{line}, field.value);
  }
  return line;
}

/// What will be tried again is a warning; what ends something is an error.
LogLevel level_of(Action action) {
  switch (action) {
    case Action::kRetry:
    case Action::kRetryFew:
    case Action::kPark:
    case Action::kResolveDoubt:
      return LogLevel::kWarning;
    case Action::kDivide:
    case Action::kStop:
      return LogLevel::kError;
  }
  return LogLevel::kError;
}

}  // namespace

void Log::fault(std::string_view event, const Fault& fault) {
  std::vector<LogField> fields{{"fault", fault.name()}, {"message", fault.message}};
  const auto add_if_said = [&fields](std::string_view name, const std::string& value) {
    if (!value.empty()) fields.emplace_back(name, value);
  };
  add_if_said("hint", std::string(fault.advice()));
  add_if_said("sqlstate", fault.sqlstate);
  add_if_said("table", fault.table);
  add_if_said("column", fault.column);
  add_if_said("constraint", fault.constraint);
  write(level_of(next_action(fault, 1)), event, fields);
}

void Log::write(LogLevel level, std::string_view event, std::span<const LogField> fields) {
  if (level < minimum_) return;
  const std::string time = format_instant(stamp());
  switch (format_) {
    case LogFormat::kJson:
      emit(json_line(time, level, component_, event, fields));
      return;
    case LogFormat::kText:
      emit(text_line(time, level, component_, event, fields));
      return;
  }
}

void Log::emit(std::string_view line) {
  // One write a line keeps lines of several threads and processes whole.
  std::string bytes(line);
  bytes += '\n';
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // stderr is gone: there is no other place to report it
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace weir::telemetry
