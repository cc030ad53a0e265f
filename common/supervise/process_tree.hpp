// What /proc tells of processes: by which one is told from a later one with the same id, and which are below it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace weir::supervise {

/// The start of process `id` in clock ticks since boot; "" where there is no such process, or it has ended and is a zombie.
[[nodiscard]] std::string start_time(pid_t id);
[[nodiscard]] std::vector<pid_t> children_of(pid_t id);
/// SIGKILL to `id` and everything below it. Each is stopped before its children are listed, so that none can be born meanwhile.
void kill_tree(pid_t id);

}  // namespace weir::supervise
