#include "tests/bench/support/usage.hpp"

#include "common/supervise/process_tree.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace weir::bench {

namespace {

constexpr int kFieldsFromStateToUser = 11;  // proc(5): state is field 3, utime field 14

struct Ticks {
  double own = 0;
  double reaped = 0;
};

Ticks ticks_of(pid_t id) {
  std::ifstream file("/proc/" + std::to_string(id) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::size_t after_name = text.rfind(')');  // the name may hold anything, also ')'
  if (after_name == std::string::npos) return {};
  std::istringstream fields(text.substr(after_name + 1));
  std::string skipped;
  for (int i = 0; i < kFieldsFromStateToUser; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  double reaped_user = 0;
  double reaped_system = 0;
  fields >> user >> system >> reaped_user >> reaped_system;
  return {user + system, reaped_user + reaped_system};
}

double tree_ticks(pid_t id) {
  const Ticks ticks = ticks_of(id);
  double sum = ticks.own + ticks.reaped;
  for (const pid_t child : supervise::children_of(id)) sum += tree_ticks(child);
  return sum;
}

double seconds(double ticks) { return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK)); }

std::uint64_t status_bytes(pid_t id, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(id) + "/status");
  for (std::string word; file >> word;) {
    std::uint64_t kib = 0;
    if (word == name && file >> kib) return kib * 1'024;
  }
  return 0;
}

}  // namespace

double own_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto whole = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
  return whole(usage.ru_utime) + whole(usage.ru_stime);
}

double cpu_seconds(pid_t id) { return seconds(ticks_of(id).own); }
double tree_cpu_seconds(pid_t id) { return seconds(tree_ticks(id)); }
std::uint64_t peak_memory_bytes(pid_t id) { return status_bytes(id, "VmHWM:"); }
std::uint64_t memory_bytes(pid_t id) { return status_bytes(id, "VmRSS:"); }

}  // namespace weir::bench
