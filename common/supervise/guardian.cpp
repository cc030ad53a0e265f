// Both sides of the pipe between a guardian and its owner.
//
//   line := "P" pid " " signal "\n"   end this process: the signal first, SIGKILL to it and all below it after that
//         | "p" pid "\n"              it is gone
//         | "D" path "\n"             remove this directory
//         | "d" path "\n"             it is gone
#include "common/supervise/guardian.hpp"

#include "common/core/await.hpp"
#include "common/supervise/process_tree.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>
#include <set>
#include <string>

namespace weir::supervise {
namespace {

constexpr Milliseconds kPatienceForOrderlyEnd{3'000};

struct Ward {
  int signal = SIGKILL;
  std::string started;  // by which a process is told from a later one with the same id
};

class Watch {
 public:
  void line(std::string_view text) {
    if (text.size() < 2) return;
    const std::string_view rest = text.substr(1);
    switch (text.front()) {
      case 'P':
        guard_process(rest);
        break;
      case 'p':
        processes_.erase(number(rest));
        break;
      case 'D':
        directories_.emplace(rest);
        break;
      case 'd':
        directories_.erase(std::string(rest));
        break;
      default:
        break;
    }
  }

  void end_everything() {
    for (const auto& [id, ward] : processes_) {
      if (same(id, ward) && ward.signal != SIGKILL) {
        ::kill(id, ward.signal);
        ::kill(id, SIGCONT);  // a stopped process would never see the signal
      }
    }
    for (const auto& [id, ward] : processes_) {
      if (ward.signal != SIGKILL) await(kPatienceForOrderlyEnd, [&, process = id] { return !same(process, ward); });
      if (same(id, ward)) kill_tree(id);
      // A group lives on without its leader, and while it does its id is not given away.
      if (start_time(id).empty()) ::kill(-id, SIGKILL);
    }
    for (const std::string& directory : directories_) {
      // A process that is just ending may still write a file, so the directory is removed again and again until it is gone.
      await(kPatienceForOrderlyEnd, [&] {
        std::error_code failed;
        std::filesystem::remove_all(directory, failed);
        return !failed && !std::filesystem::exists(directory, failed);
      });
    }
  }

 private:
  static int number(std::string_view text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  }

  void guard_process(std::string_view rest) {
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) return;
    const pid_t id = number(rest.substr(0, space));
    processes_[id] = Ward{number(rest.substr(space + 1)), start_time(id)};
  }

  static bool same(pid_t id, const Ward& ward) { return !ward.started.empty() && start_time(id) == ward.started; }

  std::map<pid_t, Ward> processes_;
  std::set<std::string> directories_;
};

// Nothing of the owner but the pipe may stay open here: another guardian's pipe, or a terminal, would wait for this process.
void let_go_of_the_owner(int pipe) {
  ::setsid();
  for (const int ignored : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT}) ::signal(ignored, SIG_IGN);
  const int nothing = ::open("/dev/null", O_RDWR);
  for (const int standard : {0, 1, 2}) ::dup2(nothing, standard);
  if (pipe > 3) ::close_range(3, static_cast<unsigned>(pipe) - 1, 0);
  ::close_range(static_cast<unsigned>(pipe) + 1, ~0U, 0);
  if (::chdir("/") != 0) ::_exit(1);
}

[[noreturn]] void watch(int pipe) {
  let_go_of_the_owner(pipe);
  Watch wards;
  std::string pending;
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t got = ::read(pipe, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    pending.append(buffer.data(), static_cast<std::size_t>(got));
    for (std::size_t end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
      wards.line(std::string_view(pending).substr(0, end));
      pending.erase(0, end + 1);
    }
  }
  wards.end_everything();
  ::_exit(0);
}

}  // namespace

Result<std::shared_ptr<Guardian>> Guardian::start() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(FaultKind::kIo, std::string("cannot make a pipe: ") + std::strerror(errno));
  const pid_t id = ::fork();
  if (id < 0) return fail(FaultKind::kIo, std::string("cannot fork: ") + std::strerror(errno));
  if (id == 0) {
    ::close(ends[1]);
    watch(ends[0]);
  }
  ::close(ends[0]);
  return std::make_shared<Guardian>(ends[1], id);
}

Guardian::~Guardian() {
  ::close(pipe_);
  while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Guardian::forget_process(pid_t id) { tell("p" + std::to_string(id) + "\n"); }
void Guardian::guard_directory(const std::filesystem::path& directory) { tell("D" + directory.string() + "\n"); }
void Guardian::forget_directory(const std::filesystem::path& directory) { tell("d" + directory.string() + "\n"); }

// Lines are shorter than PIPE_BUF, so each write is whole however many threads and children write.
void Guardian::tell(std::string_view line) {
  while (::write(pipe_, line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

}  // namespace weir::supervise
