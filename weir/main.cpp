// weir: lists the components and commands, nothing else.
#include "common/cli/program.hpp"
#include "common/operations/commands.hpp"

int main(int count, char** words) {
  const weir::cli::Program program{
      .components = {},
      .commands = weir::operations::commands(),
      .groups = {{"migrate", "Bring the database's tables up to date, or back."}},
  };
  return weir::cli::run(program, std::vector<std::string>(words + 1, words + count));
}
