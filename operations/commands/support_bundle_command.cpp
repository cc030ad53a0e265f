// weir support-bundle.
#include "common/cli/view.hpp"
#include "common/process/services.hpp"
#include "operations/commands/bundle_sources.hpp"
#include "operations/commands/bundle_store.hpp"
#include "operations/commands/commands.hpp"
#include "operations/commands/lag.hpp"
#include "operations/commands/scrubbing.hpp"
#include "operations/commands/views.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weir::operations {

namespace {

constexpr Milliseconds kPatience{10'000};

std::vector<std::string> words_of(const std::optional<std::string>& list) {
  std::vector<std::string> words;
  std::string rest = list.value_or("");
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    if (comma != 0) words.push_back(rest.substr(0, comma));
    rest.erase(0, comma == std::string::npos ? rest.size() : comma + 1);
  }
  return words;
}

/// What is known of each partition, also where something is lacking.
Result<void> add_lag(Bundle& bundle, const process::Context& context, postgres::Connection& connection) {
  const auto found = WEIR_TRY(positions(connection, std::nullopt));
  const auto probe = WEIR_TRY(kafka::LogProbe::open(process::kafka_settings(context.configuration, "weir-support"), kPatience));
  const Lag lag = lag_of(*probe, found, context.clock);
  cli::Table table({"group", "topic", "partition", "next_offset", "log_end", "lag", "seconds"});
  for (const LagRow& row : lag.rows) {
    table.add({row.position.group, row.position.topic, std::int64_t{row.position.partition}, cli::cell_of(row.position.next_offset),
               row.log ? cli::Cell(row.log->end) : cli::Cell(), row.records, cli::cell_of(row.seconds)});
  }
  bundle.add("lag.json", table.json() + "\n");
  if (lag.fault) return fail(*lag.fault);
  return {};
}

void add_state(Bundle& bundle, const process::Context& context) {
  auto connection = cli::connect_to_look(context, "weir support-bundle");
  if (connection) {
    add_rows(bundle, *connection);
    if (const auto added = add_lag(bundle, context, *connection); !added) bundle.lacks("lag.json", cli::explained(added.error()));
  } else {
    lack_rows(bundle, connection.error());
    bundle.lacks("lag.json", connection.error());
  }
  auto source = cli::connect_to_look(context, "weir support-bundle", source_key(context.configuration));
  if (source) {
    add_slots(bundle, *source);
  } else {
    bundle.lacks("slots.json", source.error());
  }
}

/// Readable by its owner alone. A file that is there is not written over.
Result<void> write_new(const std::string& path, const std::string& bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return fail(FaultKind::kIo, fmt::format("cannot make {}: {}", path, std::strerror(errno)), "--output names a new file");
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t some = ::write(file, bytes.data() + written, bytes.size() - written);
    if (some < 0 && errno == EINTR) continue;
    if (some < 0) {
      const std::string why = std::strerror(errno);
      ::close(file);
      ::unlink(path.c_str());
      return fail(FaultKind::kIo, fmt::format("cannot write {}: {}", path, why));
    }
    written += static_cast<std::size_t>(some);
  }
  ::close(file);
  return {};
}

Result<void> make_bundle(process::Context& context, const cli::Invocation& invocation) {
  Bundle bundle(context.clock.now(), secrets_of(context.configuration));
  bundle.add("configuration.yaml", context.configuration.show());
  add_versions(bundle);
  add_state(bundle, context);
  add_topics(bundle, context);
  add_components(bundle, context, words_of(invocation.option("--ops")));
  add_logs(bundle, words_of(invocation.option("--log")));
  const std::string path = invocation.option("--output").value_or(bundle.name() + ".tar.gz");
  WEIR_TRY(write_new(path, bundle.archive()));
  cli::print(fmt::format("{}: {} parts; secrets and persons were taken out, look through it before you send it", path, bundle.parts()));
  if (bundle.missing().empty()) return {};
  for (const auto& [part, fault] : bundle.missing()) cli::print(fmt::format("missing: {}: {}", part, fault.line()));
  Fault fault = bundle.missing().front().second;
  fault.message = fmt::format("{} parts are missing, which contents.json names; the first: {}", bundle.missing().size(), fault.message);
  return fail(std::move(fault));
}

}  // namespace

cli::Command support_bundle_command() {
  cli::Command command;
  command.path = "support-bundle";
  command.help =
      "Put into one archive what somebody needs who helps you: configuration, versions, positions, lag, counts, topics, metrics and logs, "
      "without secrets, records and persons. What cannot be had is named in it, and the exit code is that of the first such fault.";
  command.examples = {"weir support-bundle", "weir support-bundle --output /tmp/weir.tar.gz --log /var/log/weir/rollups.log"};
  command.options = {
      {.name = "--output", .placeholder = "FILE", .help = "The archive, a new file; without it weir-support-TIME.tar.gz here."},
      {.name = "--ops",
       .placeholder = "ADDRESSES",
       .help = "Operations ports of running components, as host:port,…; without it that of http.ops_listen and the 15 after it."},
      {.name = "--log", .placeholder = "FILES", .help = "Files that hold logs, with commas between; their last lines are taken."}};
  command.required = {"postgres.dsn", "kafka.brokers"};
  command.run = make_bundle;
  return command;
}

}  // namespace weir::operations
