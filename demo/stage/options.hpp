// What the command line of `weir demo` asks for.
#pragma once

#include "common/cli/command.hpp"
#include "common/core/result.hpp"
#include "common/core/time.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace weir::demo {

enum class BrokerChoice : std::uint8_t {
  kAutomatic,  // Apache Kafka where it can be had, else the embedded one
  kKafka,
  kEmbedded,
};

struct Options {
  std::optional<Seconds> duration;  // none: until Ctrl-C
  double rate = 300;                // changes a second
  std::uint64_t seed = 1;
  int rollups = 1;  // instances
  BrokerChoice broker = BrokerChoice::kAutomatic;
  bool keep = false;
};

[[nodiscard]] std::vector<cli::Option> option_rows();
/// Fault kUsage says which option, what it was given and what it takes.
[[nodiscard]] Result<Options> read_options(const cli::Invocation& invocation);

}  // namespace weir::demo
