#include "common/cli/self_commands.hpp"

#include "common/cli/completion.hpp"
#include "common/cli/manual.hpp"
#include "common/cli/table.hpp"

#include <fmt/format.h>

namespace weir::cli {

namespace {

using Text = std::function<std::string(const config::Schema&)>;

/// A command whose one argument names a text, which is printed.
Command printing(std::string path, std::string arguments, std::vector<std::pair<std::string, Text>> texts) {
  Command command;
  command.path = std::move(path);
  command.arguments = std::move(arguments);
  command.without_configuration = [texts = std::move(texts), path = command.path, wanted = command.arguments](
                                      const config::Schema& schema, const Invocation& invocation) -> Result<bool> {
    for (const auto& [name, text] : texts) {
      if (invocation.arguments == std::vector{name}) {
        print(text(schema));
        return true;
      }
    }
    return fail(FaultKind::kUsage, fmt::format("say which: {}", wanted), fmt::format("weir {} --help", path));
  };
  command.run = [](process::Context&, const Invocation&) -> Result<void> { return {}; };
  return command;
}

}  // namespace

std::vector<Command> self_commands(const Program& program) {
  const auto completion = [&program](std::string (*script)(std::span<const OutlinedCommand>)) {
    return [&program, script](const config::Schema&) { return script(outline_of(program)); };
  };
  Command completions =
      printing("completion", "bash|zsh|fish",
               {{"bash", completion(bash_completion)}, {"zsh", completion(zsh_completion)}, {"fish", completion(fish_completion)}});
  completions.help = "Print the script by which a shell completes weir's commands and options.";
  completions.examples = {"weir completion bash > ~/.local/share/bash-completion/completions/weir", "weir completion zsh > ~/.zfunc/_weir",
                          "weir completion fish > ~/.config/fish/completions/weir.fish"};
  Command manual = printing("manual", "weir|weir.yaml",
                            {{"weir", [&program](const config::Schema&) { return program_page(outline_of(program)); }},
                             {"weir.yaml", [](const config::Schema& schema) { return configuration_page(schema); }}});
  manual.help = "Print the manual page of weir or of its configuration, for man.";
  manual.examples = {"weir manual weir | man -l -", "weir manual weir.yaml > weir.yaml.5"};
  std::vector<Command> commands;
  commands.push_back(std::move(completions));
  commands.push_back(std::move(manual));
  return commands;
}

}  // namespace weir::cli
