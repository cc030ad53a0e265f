// weir: the components (weir/components.cpp lists them) and the commands, nothing else.
#include "common/cli/program.hpp"
#include "common/cli/self_commands.hpp"
#include "consumers/insights/budget_commands.hpp"
#include "consumers/insights/preview_command.hpp"
#include "consumers/notifications/destination_command.hpp"
#include "consumers/notifications/limits_commands.hpp"
#include "consumers/notifications/messages_commands.hpp"
#include "consumers/notifications/rotate_secret_command.hpp"
#include "consumers/notifications/templates_commands.hpp"
#include "consumers/rollups/recompute_commands.hpp"
#include "consumers/rollups/thresholds_commands.hpp"
#include "consumers/scoring/achievements_commands.hpp"
#include "consumers/scoring/instruments_commands.hpp"
#include "consumers/scoring/recompute_command.hpp"
#include "demo/stage/demo.hpp"
#include "operations/audit/component.hpp"
#include "operations/commands/commands.hpp"
#include "operations/console/console_command.hpp"
#include "operations/keys/keys_commands.hpp"
#include "producers/cdc/component.hpp"
#include "producers/gateway/keys_command.hpp"
#include "weir/components.hpp"
#include "weir/up/up.hpp"

int main(int count, char** words) {
  std::vector<weir::process::Component> components = weir::components();
  std::vector<weir::cli::Command> commands = weir::operations::commands(components);
  for (weir::cli::Command& command : weir::cdc::commands()) commands.push_back(std::move(command));
  for (weir::cli::Command& command : weir::gateway::keys_commands()) commands.push_back(std::move(command));
  for (weir::cli::Command& command : weir::keys::commands()) commands.push_back(std::move(command));
  for (weir::cli::Command& command : weir::audit::commands()) commands.push_back(std::move(command));
  for (weir::cli::Command& command : weir::rollups::recompute_commands()) commands.push_back(std::move(command));
  for (weir::cli::Command& command : weir::rollups::thresholds_commands()) commands.push_back(std::move(command));
  for (weir::cli::Command& command : weir::scoring::instruments_commands()) commands.push_back(std::move(command));
  for (weir::cli::Command& command : weir::scoring::achievements_commands()) commands.push_back(std::move(command));
  for (weir::cli::Command& command : weir::scoring::scoring_commands()) commands.push_back(std::move(command));
  for (weir::cli::Command& command : weir::notifications::templates_commands()) commands.push_back(std::move(command));
  for (weir::cli::Command& command : weir::notifications::limits_commands()) commands.push_back(std::move(command));
  for (weir::cli::Command& command : weir::notifications::messages_commands()) commands.push_back(std::move(command));
  for (weir::cli::Command& command : weir::insights::budget_commands()) commands.push_back(std::move(command));
  commands.push_back(weir::console::command());
  commands.push_back(weir::insights::preview_command());
  commands.push_back(weir::notifications::destination_command());
  commands.push_back(weir::notifications::rotate_secret_command());
  commands.push_back(weir::up::command(components));
  commands.push_back(weir::demo::command(components));
  weir::cli::Program program{
      .components = std::move(components),
      .commands = std::move(commands),
      .groups = {weir::audit::group(),
                 {"migrate", "Bring the database's tables up to date, or back."},
                 {"dlq", "Records that a group could not take, or that wait: look at them, send them through again, give them up."},
                 {"export", "Results as files for other programs."},
                 {"groups", "Consumer groups: let one stand still, and let it go on."},
                 {"offsets", "Positions of the groups and the gaps in their logs."},
                 {"topics", "Compare Kafka's topics with their declaration."},
                 weir::scoring::instruments_group(),
                 weir::scoring::achievements_group(),
                 weir::notifications::templates_group(),
                 weir::notifications::limits_group(),
                 weir::notifications::destination_group(),
                 weir::gateway::keys_group()},
  };
  for (weir::cli::Command& command : weir::cli::self_commands(program)) program.commands.push_back(std::move(command));
  return weir::cli::run(program, std::vector<std::string>(words + 1, words + count));
}
