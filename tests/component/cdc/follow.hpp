// What an operator does when weir cdc ends with a change that it cannot publish, and what the metrics then say.
#pragma once

#include "tests/component/cdc/fixture.hpp"
#include "tests/component/operations/program.hpp"

namespace weir::cdc {

/// The value of a metric of weir cdc as it runs.
inline std::string metric(const Running& cdc, const std::string& name) { return metric(cdc.metrics(), name); }

/// Runs the command at the end of a fault's hint, as an operator would.
inline void follow(const Source& source, const std::string& hint, const std::string& tables) {
  auto command = hint.substr(hint.find("weir cdc skip ") + 5);
  command = command.substr(0, command.find(';'));
  std::vector<std::string> words;
  for (std::size_t at = 0; at < command.size();) {
    const auto blank = std::min(command.find(' ', at), command.size());
    words.push_back(command.substr(at, blank - at));
    at = blank + 1;
  }
  for (std::string& word : words) {
    if (word == "TEXT") word = "it's too large";
    if (word == "NAME") word = "jane.doe";
  }
  const auto said = testing::run_weir(words, {{"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()},
                                              {"WEIR_CDC_DSN", source.dsn},
                                              {"WEIR_CDC_SLOT", source.slot},
                                              {"WEIR_CDC_SOURCE_NAME", source.prefix},
                                              {"WEIR_CDC_TOPIC_PREFIX", source.prefix},
                                              {"WEIR_CDC_POSITION_TOPIC", source.prefix + ".positions"},
                                              {"WEIR_CDC_TABLES", tables}});
  CHECK_MESSAGE(said.exit_code == 0, said.err);
  CHECK(said.out.starts_with("stored: from its next start on weir cdc leaves out "));
}

}  // namespace weir::cdc
