// The tape as a process, put together from the same parts as every consumer of weir: `chaos_tape tape`.
#include "common/cli/program.hpp"
#include "common/host/consumer_host.hpp"
#include "tests/chaos/tape/consumer.hpp"

namespace {

using weir::config::Field;
using weir::config::Type;

std::vector<Field> fields() {
  std::vector<Field> rows = weir::host::consumer_fields("tape");
  for (Field& row : rows) {
    if (row.key == "consumers.tape.session_timeout") row.minimum = "1s";  // a private broker allows it, and a test has no time
  }
  const std::vector<Field> own{
      {.key = "tape.writer", .type = Type::kText, .help = "Name of this instance in tape.events.", .fallback = "tape"},
      {.key = "tape.topics", .type = Type::kTextList, .help = "Topics to read.", .fallback = "chaos.events"},
      {.key = "tape.flush_interval", .type = Type::kDuration, .help = "As of every consumer.", .fallback = "100ms"},
      {.key = "tape.max_records", .type = Type::kInteger, .help = "As of every consumer.", .fallback = "5000"},
      {.key = "tape.swallow", .type = Type::kBoolean, .help = "Passes over statements that fail.", .fallback = "false"},
  };
  rows.insert(rows.end(), own.begin(), own.end());
  return rows;
}

weir::Result<void> run(weir::process::Context& context) {
  weir::chaos::TapeOptions options;
  options.writer = context.configuration.text("tape.writer");
  options.topics = context.configuration.list("tape.topics");
  options.flush = {.interval = std::chrono::duration_cast<weir::Milliseconds>(context.configuration.duration("tape.flush_interval")),
                   .max_records = static_cast<std::size_t>(context.configuration.integer("tape.max_records")),
                   .max_bytes = 32UL << 20U};
  options.swallow = context.configuration.boolean("tape.swallow");
  return weir::host::run_consumer(context, [options] { return std::make_unique<weir::chaos::TapeConsumer>(options); });
}

}  // namespace

int main(int count, char** words) {
  const weir::cli::Program program{
      .components = {{.name = "tape",
                      .help = "Write each event down.",
                      .fields = fields(),
                      .required = weir::host::consumer_required("tape"),
                      .run = run}},
      .commands = {},
      .groups = {},
  };
  return weir::cli::run(program, std::vector<std::string>(words + 1, words + count));
}
