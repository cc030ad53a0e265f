// What the command line of weir demo accepts, and how it refuses.
#include "demo/stage/options.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::demo;

namespace {

using Given = std::map<std::string, std::string, std::less<>>;

Result<Options> read(const Given& given) { return read_options({given, {}}); }
std::string refusal(const Given& given) { return read(given).error().line(); }

}  // namespace

TEST_CASE("without options it runs until it is stopped, with whatever broker can be had") {
  const Options options = read({}).value();
  CHECK_FALSE(options.duration.has_value());
  CHECK(options.rate == 300);
  CHECK(options.seed == 1);
  CHECK(options.rollups == 1);
  CHECK(options.broker == BrokerChoice::kAutomatic);
  CHECK_FALSE(options.keep);
}

TEST_CASE("options are read") {
  const Options options =
      read({{"--for", "60"}, {"--rate", "2000"}, {"--seed", "7"}, {"--rollups", "2"}, {"--broker", "embedded"}, {"--keep", "true"}})
          .value();
  CHECK(options.duration == Seconds{60});
  CHECK(options.rate == 2'000);
  CHECK(options.seed == 7);
  CHECK(options.rollups == 2);
  CHECK(options.broker == BrokerChoice::kEmbedded);
  CHECK(options.keep);
  CHECK(read({{"--broker", "kafka"}}).value().broker == BrokerChoice::kKafka);
}

TEST_CASE("what is no option's value is refused by name, with what is needed") {
  CHECK(refusal({{"--for", "soon"}}) == "--for soon: a whole number from 1 to 604800 is needed");
  CHECK(refusal({{"--for", "0"}}) == "--for 0: a whole number from 1 to 604800 is needed");
  CHECK(refusal({{"--rate", "1.5"}}) == "--rate 1.5: a whole number from 1 to 20000 is needed");
  CHECK(refusal({{"--rollups", "9"}}) == "--rollups 9: a whole number from 1 to 8 is needed");
  CHECK(refusal({{"--seed", "-1"}}).starts_with("--seed -1: "));
  CHECK(refusal({{"--broker", "redis"}}) == "--broker redis: kafka or embedded is needed");
  CHECK(read({{"--for", "soon"}}).error().exit_code() == ExitCode::kUsage);
}
