// A log whose lines a test can read.
#pragma once

#include "common/telemetry/log.hpp"

#include <mutex>

namespace weir::testing {

/// Keeps every line of `minimum` and above, as text; prints them, too, where a test that fails should show them. Thread-safe.
class KeptLog final : public telemetry::Log {
 public:
  explicit KeptLog(telemetry::LogLevel minimum, bool prints = false) : Log("test", telemetry::LogFormat::kText, minimum), prints_(prints) {}
  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 protected:
  void emit(std::string_view line) override {
    if (prints_) Log::emit(line);
    const std::lock_guard lock(mutex_);
    text_ += line;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
  bool prints_;
};

}  // namespace weir::testing
