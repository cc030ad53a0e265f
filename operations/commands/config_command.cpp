// weir config: the effective configuration, the reference of every key, and the shipped configuration.
#include "common/cli/table.hpp"
#include "common/config/place.hpp"
#include "common/config/upgrade.hpp"
#include "common/process/components.hpp"
#include "operations/commands/commands.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace weir::operations {

namespace {

/// Stands above the lines and tells a person where all other settings are described.
std::string head_of(std::span<const process::Component> components) {
  std::vector<std::string> own;
  for (const process::Component& component : components) {
    const std::string key = process::dsn_key(component);
    if (key != "postgres.dsn") own.push_back(config::variable_of(key));
  }
  return fmt::format(
      "# The shipped configuration, as weir config --example prints it: what must be said once and has no default that suits all. "
      "Brokers,\n"
      "# databases and secrets come from the environment: WEIR_KAFKA_BROKERS, WEIR_POSTGRES_DSN, and for each process that works as a\n"
      "# database role of its own {}.\n"
      "# weir config --reference prints every key.\n",
      fmt::join(own, ", "));
}

std::string example(const config::Schema& schema, std::span<const process::Component> components) {
  std::vector<config::Line> lines;
  for (process::ExampleRow& row : process::shipped_rows(components)) {
    lines.push_back({std::move(row.key), std::move(row.value), std::move(row.why)});
  }
  return head_of(components) + config::yaml_of(schema, lines);
}

}  // namespace

cli::Command config_command(std::span<const process::Component> components) {
  cli::Command command;
  command.path = "config";
  command.help = "Print the effective configuration with the origin of each value; secrets are shown as ***.";
  command.examples = {"weir config", "weir config --config /etc/weir/weir.yaml", "weir config --reference > weir.yaml",
                      "weir config --example > /etc/weir/weir.yaml", "weir config --upgrade --config weir.yaml > weir.yaml.new"};
  command.options = {
      {.name = "--reference", .help = "Print a commented weir.yaml with every key, its range and default."},
      {.name = "--example", .help = "Print the shipped weir.yaml: what must be said once and has no default."},
      {.name = "--upgrade",
       .help = "Print the file with the present names of its keys, without its comments, and the variables to rename. Secrets "
               "stand as they do in the file."}};
  command.without_configuration = [all = std::vector(components.begin(), components.end())](
                                      const config::Schema& schema, const cli::Invocation& invocation) -> Result<bool> {
    if (invocation.options.size() > 1)
      return fail(FaultKind::kUsage, "--reference, --example and --upgrade print different files: say one");
    if (invocation.flag("--upgrade")) {
      config::Inputs inputs;
      inputs.default_path = config::place_of_file();
      inputs.environment = config::environment();
      inputs.path = invocation.configuration_file();
      cli::print(WEIR_TRY(config::upgraded(schema, inputs)));
      return true;
    }
    const bool reference = invocation.flag("--reference");
    if (!reference && !invocation.flag("--example")) return false;
    cli::print(reference ? config::reference(schema) : example(schema, all));
    return true;
  };
  command.run = [](process::Context& context, const cli::Invocation&) -> Result<void> {
    cli::print(context.configuration.show());
    return {};
  };
  return command;
}

}  // namespace weir::operations
