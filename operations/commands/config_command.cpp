// weir config: the effective configuration, and the reference of every key.
#include "common/cli/table.hpp"
#include "operations/commands/commands.hpp"

namespace weir::operations {

cli::Command config_command() {
  cli::Command command;
  command.path = "config";
  command.help = "Print the effective configuration with the origin of each value; secrets are shown as ***.";
  command.examples = {"weir config", "weir config --config /etc/weir/weir.yaml", "weir config --reference > weir.yaml"};
  command.options = {{.name = "--reference", .help = "Print a commented weir.yaml with every key, its range and default."}};
  command.without_configuration = [](const config::Schema& schema, const cli::Invocation& invocation) {
    if (!invocation.flag("--reference")) return false;
    cli::print(config::reference(schema));
    return true;
  };
  command.run = [](process::Context& context, const cli::Invocation&) -> Result<void> {
    cli::print(context.configuration.show());
    return {};
  };
  return command;
}

}  // namespace weir::operations
