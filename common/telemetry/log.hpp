// Logs: one event a line to stderr, JSON or text. No personal data: log ids, counts and names, never values of rows.
#pragma once

#include "common/core/fault.hpp"

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace weir::telemetry {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };
enum class LogFormat : std::uint8_t { kJson, kText };

struct LogField {
  std::string_view name;
  std::variant<std::int64_t, double, bool, std::string> value;

  LogField(std::string_view field, std::string text) : name(field), value(std::move(text)) {}
  LogField(std::string_view field, std::string_view text) : name(field), value(std::string(text)) {}
  LogField(std::string_view field, const char* text) : name(field), value(std::string(text)) {}
  LogField(std::string_view field, double number) : name(field), value(number) {}
  LogField(std::string_view field, bool flag) : name(field), value(flag) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) LogField(std::string_view field, T number) : name(field), value(static_cast<std::int64_t>(number)) {}
};

/// Writes log lines; thread-safe, passed to whoever logs. `event` is a snake_case name: "partition_claimed".
class Log {
 public:
  Log(std::string component, LogFormat format, LogLevel minimum) : component_(std::move(component)), format_(format), minimum_(minimum) {}
  virtual ~Log() = default;
  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kDebug, event, {fields.begin(), fields.size()});
  }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kInfo, event, {fields.begin(), fields.size()});
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kWarning, event, {fields.begin(), fields.size()});
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::kError, event, {fields.begin(), fields.size()});
  }
  void fault(std::string_view event, const Fault& fault);

 protected:
  virtual void emit(std::string_view line);  // stderr, one write a line

 private:
  void write(LogLevel level, std::string_view event, std::span<const LogField> fields);

  std::string component_;
  LogFormat format_;
  LogLevel minimum_;
};

}  // namespace weir::telemetry
