// Runs the real executable to its end, as a person would, and keeps what it said.
#pragma once

#include "common/core/result.hpp"
#include "common/testing/services.hpp"

#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace weir::testing {

struct Said {
  int exit_code = -1;
  std::string out;
  std::string err;
};

inline std::string shell_quoted(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

inline std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// In a directory with an empty weir.yaml, so that no configuration of the developer's is read, nor that of an installed package.
inline Said run_weir(const std::vector<std::string>& words, const std::map<std::string, std::string>& environment = {}) {
  const auto folder = scratch();
  std::string command = "cd " + shell_quoted(folder.string()) + " && touch weir.yaml && env -u WEIR_POSTGRES_DSN -u WEIR_KAFKA_BROKERS";
  for (const auto& [name, value] : environment) command += " " + shell_quoted(name + "=" + value);
  command += " " + shell_quoted(weir_executable());
  for (const std::string& word : words) command += " " + shell_quoted(word);
  command += " >out 2>err </dev/null";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(folder / "out"), text_of(folder / "err")};
}

}  // namespace weir::testing
