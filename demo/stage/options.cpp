// Each option is a whole number with its bounds, or a word of a list.
#include "demo/stage/options.hpp"

namespace weir::demo {
namespace {

constexpr std::int64_t kLongestSeconds = 7L * 24 * 3600;
constexpr std::int64_t kHighestRate = 20'000;
constexpr std::int64_t kMostInstances = 8;

}  // namespace

std::vector<cli::Option> option_rows() {
  return {{"--for", "SECONDS", "End after so many seconds of load (default: at Ctrl-C)."},
          {"--rate", "N", "Changes a second that the application writes (default 300); it posts a tenth as many actions."},
          {"--seed", "N", "Chooses another course of events (default 1)."},
          {"--rollups", "N", "Instances of rollups (default 1)."},
          {"--broker", "kafka|embedded", "Apache Kafka, or the stand-in inside weir (default: kafka where it can be had)."},
          {"--keep", "", "Leave data and logs in place afterwards, and say where."}};
}

Result<Options> read_options(const cli::Invocation& invocation) {
  Options options;
  if (invocation.option("--for")) options.duration = Seconds{WEIR_TRY(invocation.whole_number("--for", 0, 1, kLongestSeconds))};
  options.rate = static_cast<double>(WEIR_TRY(invocation.whole_number("--rate", 300, 1, kHighestRate)));
  options.seed = static_cast<std::uint64_t>(WEIR_TRY(invocation.whole_number("--seed", 1, 0, INT64_MAX)));
  options.rollups = static_cast<int>(WEIR_TRY(invocation.whole_number("--rollups", 1, 1, kMostInstances)));
  options.keep = invocation.flag("--keep");
  const std::optional<std::string> broker = invocation.option("--broker");
  if (!broker) return options;
  if (*broker != "kafka" && *broker != "embedded") {
    return fail(FaultKind::kUsage, "--broker " + *broker + ": kafka or embedded is needed");
  }
  options.broker = *broker == "kafka" ? BrokerChoice::kKafka : BrokerChoice::kEmbedded;
  return options;
}

}  // namespace weir::demo
