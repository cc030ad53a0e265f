// What processes cost, by /proc: processor time, which a busy machine does not blur as it blurs wall clocks, and memory.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace weir::bench {

/// Of this process, to the microsecond.
[[nodiscard]] double own_cpu_seconds();
/// Of process `id` alone; in clock ticks of 10 ms. 0 where it is gone.
[[nodiscard]] double cpu_seconds(pid_t id);
/// Of `id`, of everything below it, and of the children that it has reaped: of a Postgres cluster by its postmaster, whichever of its
/// backends live or have ended; of a JVM with its threads.
[[nodiscard]] double tree_cpu_seconds(pid_t id);

/// The most memory that `id` ever held (VmHWM), and what it holds now (VmRSS).
[[nodiscard]] std::uint64_t peak_memory_bytes(pid_t id);
[[nodiscard]] std::uint64_t memory_bytes(pid_t id);

}  // namespace weir::bench
