// Reads /proc/<id>/stat and /proc/<id>/task/*/children.
#include "common/supervise/process_tree.hpp"

#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace weir::supervise {
namespace {

constexpr int kFieldsFromStateToStart = 19;  // proc(5): state is field 3, starttime field 22

}  // namespace

std::string start_time(pid_t id) {
  std::ifstream file("/proc/" + std::to_string(id) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::size_t after_name = text.rfind(')');  // the name may hold anything, also ')'
  if (after_name == std::string::npos) return {};
  std::istringstream fields(text.substr(after_name + 1));
  std::string field;
  fields >> field;
  if (field == "Z" || field == "X") return {};
  for (int skipped = 0; skipped < kFieldsFromStateToStart; ++skipped) fields >> field;
  return field;
}

std::vector<pid_t> children_of(pid_t id) {
  std::vector<pid_t> children;
  std::error_code failed;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(id) + "/task", failed)) {
    std::ifstream file(task.path() / "children");
    for (pid_t child = 0; file >> child;) children.push_back(child);
  }
  return children;
}

void kill_tree(pid_t id) {
  ::kill(id, SIGSTOP);
  const std::vector<pid_t> children = children_of(id);
  ::kill(id, SIGKILL);
  for (const pid_t child : children) kill_tree(child);
}

}  // namespace weir::supervise
