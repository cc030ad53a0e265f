// What every bench program begins with: its command line, a stopwatch, and an end with a reason where something that it needs fails.
#pragma once

#include "common/core/time.hpp"
#include "tests/bench/support/report.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

namespace weir::bench {

/// `--json`, `--help` and the bench's own options (`--records 1000000`), each with the value that it has unless told.
class CommandLine {
 public:
  /// `about`: what is measured, in a sentence; the report's title too.
  explicit CommandLine(std::string about) : about_(std::move(about)) {}
  CommandLine& option(std::string name, std::int64_t& value, std::string help);
  CommandLine& option(std::string name, std::string& value, std::string help);
  /// --name, without a value.
  CommandLine& flag(std::string name, bool& value, std::string help);

  /// Ends the program after --help (0), and where an argument is not understood (64).
  [[nodiscard]] Report parse(int count, char** words);

 private:
  struct Option {
    std::string name;
    std::string help;
    std::string fallback;
    std::function<bool(const std::string&)> take;
    bool has_value = true;
  };
  [[nodiscard]] std::string usage(const char* program) const;

  std::string about_;
  std::vector<Option> options_;
};

/// The value, or the end of the program with the fault's line and exit code.
template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "bench: %s\n", result.error().line().c_str());
    std::exit(static_cast<int>(result.error().exit_code()));
  }
  if constexpr (!std::is_void_v<T>) return detail::take(std::move(result));
}

/// The end of a bench whose own check of what it did has failed.
[[noreturn]] inline void give_up(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(static_cast<int>(ExitCode::kData));
}

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const { return std::chrono::duration<double>(clock_.steady() - start_).count(); }

 private:
  SystemClock clock_;
  SteadyInstant start_ = clock_.steady();
};

}  // namespace weir::bench
