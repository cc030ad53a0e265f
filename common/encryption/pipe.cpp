#include "common/encryption/pipe.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

extern char** environ;

namespace weir::encryption {

namespace {

constexpr std::size_t kMostBytes = 65'536;

struct Ends {
  std::array<int, 2> fds{-1, -1};
  Ends() = default;
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;
  ~Ends() {
    close(0);
    close(1);
  }
  bool open() { return ::pipe2(fds.data(), O_CLOEXEC) == 0; }
  bool open_sockets() { return ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) == 0; }
  void close(std::size_t end) {
    if (fds[end] >= 0) ::close(std::exchange(fds[end], -1));
  }
};

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> piece{};
  while (text.size() < kMostBytes) {
    const ssize_t got = ::read(descriptor, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace

Result<std::string> run_filter(const std::string& command, const std::string& input) {
  Ends to;
  Ends from;
  WEIR_ASSERT(input.size() <= kMostBytes);
  if (!to.open_sockets() || !from.open()) return fail(FaultKind::kIo, fmt::format("no pipe: {}", std::strerror(errno)));
  // Before there is anybody who may not read it: a command that ends at once must not end us too, by SIGPIPE.
  if (::send(to.fds[1], input.data(), input.size(), MSG_DONTWAIT | MSG_NOSIGNAL) != static_cast<ssize_t>(input.size())) {
    return fail(FaultKind::kIo, fmt::format("its input cannot be handed over: {}", std::strerror(errno)));
  }
  to.close(1);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to.fds[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from.fds[1], STDOUT_FILENO);
  std::string shell = "/bin/sh";
  std::string flag = "-c";
  std::string words = command;
  std::array<char*, 4> arguments{shell.data(), flag.data(), words.data(), nullptr};
  pid_t child = -1;
  const int spawned = posix_spawn(&child, shell.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (spawned != 0) return fail(FaultKind::kIo, fmt::format("cannot be run: {}", std::strerror(spawned)));
  to.close(0);
  from.close(1);
  std::string answer = read_all(from.fds[0]);
  from.close(0);  // who goes on writing is told so
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return answer;
  return fail(FaultKind::kIo, WIFEXITED(status) ? fmt::format("it ended with exit code {}", WEXITSTATUS(status)) : "it was killed");
}

}  // namespace weir::encryption
