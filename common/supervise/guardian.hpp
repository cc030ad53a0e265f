// Sees to it that what a program starts on this machine is gone when the program is, however it ends. A guardian is a small forked
// process that holds the reading end of a pipe to its owner. The owner tells it what to end and what to remove; when the pipe closes
// (the owner returned, exited, crashed or was killed), it ends every process that is left and removes every directory that is left.
#pragma once

#include "common/core/result.hpp"

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string_view>

namespace weir::supervise {

/// Thread-safe. Whoever is guarded holds a share of it, so that it goes last.
class Guardian {
 public:
  [[nodiscard]] static Result<std::shared_ptr<Guardian>> start();
  Guardian(int pipe, pid_t id) : pipe_(pipe), id_(id) {}
  Guardian(const Guardian&) = delete;
  Guardian& operator=(const Guardian&) = delete;
  /// Waits until the guardian has ended what was left and is gone itself.
  ~Guardian();

  /// Children report themselves before they exec (process.cpp), so that none is ever alive unknown.
  [[nodiscard]] int pipe() const { return pipe_; }
  void forget_process(pid_t id);
  void guard_directory(const std::filesystem::path& directory);
  void forget_directory(const std::filesystem::path& directory);

 private:
  void tell(std::string_view line);

  int pipe_;
  pid_t id_;
};

}  // namespace weir::supervise
