// A child process in a group of its own: started, watched, signalled by its id, and ended with its owner.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "common/supervise/guardian.hpp"

#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::supervise {

struct Command {
  std::vector<std::string> arguments;              // the first is the program, looked up in PATH unless it holds a slash
  std::map<std::string, std::string> environment;  // beside what is inherited; wins over it
  std::filesystem::path output;                    // stdout and stderr are appended here; empty: inherited
  std::string user;                                // become this user first; empty: stay
  int end_signal = SIGKILL;                        // what the guardian sends first
};

struct ExitStatus {
  int code = 0;    // as exit(3) gave it; 0 where a signal ended the process
  int signal = 0;  // 0: ended by itself
  [[nodiscard]] bool ok() const { return code == 0 && signal == 0; }
  /// "exit code 69", "signal 9 (Killed)".
  [[nodiscard]] std::string text() const;
};

/// Not thread-safe. Its destructor ends the process (SIGTERM, then SIGKILL to the whole group) and waits for it.
class Process {
 public:
  [[nodiscard]] static Result<Process> spawn(std::shared_ptr<Guardian> guardian, const Command& command);
  Process() = default;
  Process(Process&& other) noexcept { *this = std::move(other); }
  Process& operator=(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  [[nodiscard]] pid_t id() const { return id_; }
  /// Reaps it where it has ended.
  [[nodiscard]] bool running();
  void signal(int number);
  /// After SIGSTOP: no thread of it runs any more.
  [[nodiscard]] bool all_threads_stopped() const;
  [[nodiscard]] ExitStatus wait();
  /// None: still running when `patience` was over.
  [[nodiscard]] std::optional<ExitStatus> wait_for(Milliseconds patience);
  /// `signal_number` to the process; SIGKILL to its group after `patience`. Answers how it ended.
  ExitStatus stop(Milliseconds patience, int signal_number = SIGTERM);
  /// SIGKILL at once, to the whole group.
  ExitStatus kill();

 private:
  void reaped(int status);

  std::shared_ptr<Guardian> guardian_;
  pid_t id_ = -1;
  std::optional<ExitStatus> status_;
};

/// The program as execve wants it: the path itself, or what PATH finds. None: not there.
[[nodiscard]] std::optional<std::string> find_program(const std::string& name);

/// Runs to its end within `patience`. Fault kIo with what it printed where it failed.
[[nodiscard]] Result<void> run(std::shared_ptr<Guardian> guardian, Command command, Milliseconds patience);

}  // namespace weir::supervise
