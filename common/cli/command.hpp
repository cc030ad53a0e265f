// A subcommand that does its work and ends: status, lag, migrate up, …; or one that runs in the foreground until it is done (demo, up).
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"
#include "common/process/component.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

/// An option of one command. `placeholder` names its value in the help ("VERSION"); empty: a flag without value.
struct Option {
  std::string name;  // "--to"
  std::string placeholder{};
  std::string help;
  bool required = false;
  bool may_be_empty = false;  // an empty text means something; else it is refused, since a shell's variable that is not set is one
};

/// What the command line said.
struct Invocation {
  std::map<std::string, std::string, std::less<>> options;  // given ones, by name: "--to"; a flag's value is "true"
  std::vector<std::string> arguments;
  std::vector<std::string> settings{};  // --config and every setting that was given, as words for a child process

  [[nodiscard]] bool flag(std::string_view name) const { return options.find(name) != options.end(); }
  [[nodiscard]] std::optional<std::string> option(std::string_view name) const {
    const auto found = options.find(name);
    return found == options.end() ? std::nullopt : std::optional<std::string>(found->second);
  }
  /// None where it was not given. Fault kUsage: is no uuid.
  [[nodiscard]] Result<std::optional<Uuid>> uuid(std::string_view name) const;
  /// None where it was not given. A day stands for its beginning in UTC. Fault kUsage: is neither a time nor a day.
  [[nodiscard]] Result<std::optional<Instant>> time_or_day(std::string_view name) const;
  /// `fallback` where it was not given. Fault kUsage: is no whole number, or out of the range.
  [[nodiscard]] Result<std::int64_t> whole_number(std::string_view name, std::int64_t fallback, std::int64_t lowest,
                                                  std::int64_t highest) const;
  /// None where it was not given. Fault kUsage: is none of the words.
  [[nodiscard]] Result<std::optional<std::string>> one_of(std::string_view name, std::span<const std::string_view> words) const;
  /// The file that --config names; none without it.
  [[nodiscard]] std::optional<std::string> configuration_file() const;
};

struct Command {
  std::string path;  // its words: "status", "migrate up"
  std::string help;
  std::vector<std::string> examples;
  std::vector<Option> options{};
  std::string arguments{};              // placeholder of what stands after the options ("[TOPIC…]"); empty: nothing may
  std::vector<config::Field> fields{};  // its rows of configuration, beside the common ones
  std::vector<std::string> required{};  // keys without which it does not start (exit 78)
  std::string former_path{};            // the path that it had before, which is refused with the present one; empty: none
  bool drains = false;                  // handles SIGTERM and SIGINT by Context::stop; else they end the process
  std::function<Result<void>(process::Context&, const Invocation&)> run;
  /// What can be answered without a configuration, also where that is wrong. True: it was, and run is not called.
  std::function<Result<bool>(const config::Schema&, const Invocation&)> without_configuration{};
};

/// A group of commands: the help of "migrate" itself.
struct Group {
  std::string name;
  std::string help;
};

}  // namespace weir::cli
