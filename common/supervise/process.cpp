// fork and exec, with everything that allocates done before the fork: the owner may have threads.
#include "common/supervise/process.hpp"

#include "common/core/await.hpp"
#include "common/core/file_text.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace weir::supervise {
namespace {

constexpr Milliseconds kPatienceOfDestructor{5'000};
constexpr int kCannotExec = 127;

struct Identity {
  std::string name;
  uid_t user = 0;
  gid_t group = 0;
};

// Everything that the child needs is made before the fork, since it may not allocate after it.
struct Prepared {
  std::string program;
  std::vector<std::string> environment;
  std::vector<char*> argv;
  std::vector<char*> envp;
  std::optional<Identity> identity;
  int output = -1;
  int end_signal = SIGKILL;
  int guardian = -1;
};

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& own) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!own.contains(text.substr(0, text.find('=')))) merged.push_back(text);
  }
  for (const auto& [name, value] : own) merged.push_back(name + "=" + value);
  return merged;
}

Result<std::optional<Identity>> identity_of(const std::string& user) {
  if (user.empty()) return std::nullopt;
  const passwd* entry = ::getpwnam(user.c_str());
  if (entry == nullptr) {
    return fail(FaultKind::kIo, "there is no user " + user + " on this machine", "install Debian's postgresql package, which makes it");
  }
  return Identity{user, entry->pw_uid, entry->pw_gid};
}

// "P<pid> <signal>\n" without anything that may not run between fork and exec.
void report_to_guardian(int pipe, int signal) {
  std::array<char, 32> line{};
  std::size_t at = line.size();
  const auto put_number = [&](int number) {
    do {
      line[--at] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number > 0);
  };
  line[--at] = '\n';
  put_number(signal);
  line[--at] = ' ';
  put_number(::getpid());
  line[--at] = 'P';
  [[maybe_unused]] const ssize_t written = ::write(pipe, line.data() + at, line.size() - at);
}

[[noreturn]] void become(const Prepared& prepared, sigset_t& mask) {
  ::setpgid(0, 0);
  report_to_guardian(prepared.guardian, prepared.end_signal);
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  ::sigemptyset(&mask);
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
  if (prepared.output >= 0) {
    ::dup2(prepared.output, 1);
    ::dup2(prepared.output, 2);
  }
  if (prepared.identity) {
    const Identity& who = *prepared.identity;
    if (::initgroups(who.name.c_str(), who.group) != 0 || ::setgid(who.group) != 0 || ::setuid(who.user) != 0) ::_exit(kCannotExec);
    if (::chdir("/") != 0) ::_exit(kCannotExec);  // that user may not be let into the current directory
  }
  ::execve(prepared.program.c_str(), prepared.argv.data(), prepared.envp.data());
  ::_exit(kCannotExec);
}

Result<int> open_output(const std::filesystem::path& path) {
  if (path.empty()) return -1;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return fail(FaultKind::kIo, "cannot write " + path.string() + ": " + std::strerror(errno));
  return file;
}

}  // namespace

std::string ExitStatus::text() const {
  if (signal == 0) return "exit code " + std::to_string(code);
  return "signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
}

std::optional<std::string> find_program(const std::string& name) {
  const auto executable = [](const std::string& path) { return ::access(path.c_str(), X_OK) == 0 && !std::filesystem::is_directory(path); };
  if (name.find('/') != std::string::npos) return executable(name) ? std::optional(name) : std::nullopt;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = folder + "/" + name;
    if (executable(candidate)) return candidate;
  }
  return std::nullopt;
}

Result<Process> Process::spawn(std::shared_ptr<Guardian> guardian, const Command& command) {
  WEIR_ASSERT(!command.arguments.empty());
  const std::optional<std::string> program = find_program(command.arguments.front());
  if (!program) return fail(FaultKind::kIo, "cannot find the program " + command.arguments.front(), "install it or put it into PATH");
  Prepared prepared;
  prepared.program = *program;
  prepared.environment = merged_environment(command.environment);
  for (const std::string& argument : command.arguments) prepared.argv.push_back(const_cast<char*>(argument.c_str()));
  for (const std::string& entry : prepared.environment) prepared.envp.push_back(const_cast<char*>(entry.c_str()));
  prepared.argv.push_back(nullptr);
  prepared.envp.push_back(nullptr);
  prepared.identity = WEIR_TRY(identity_of(command.user));
  prepared.output = WEIR_TRY(open_output(command.output));
  prepared.end_signal = command.end_signal;
  prepared.guardian = guardian->pipe();

  // No signal handler of ours may run in the child.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t id = ::fork();
  if (id == 0) become(prepared, all);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (prepared.output >= 0) ::close(prepared.output);
  if (id < 0) return fail(FaultKind::kIo, std::string("cannot fork: ") + std::strerror(error));
  ::setpgid(id, id);  // by both sides, so that the group is there when either goes on
  Process process;
  process.guardian_ = std::move(guardian);
  process.id_ = id;
  return process;
}

Process& Process::operator=(Process&& other) noexcept {
  if (this == &other) return *this;
  if (running()) stop(kPatienceOfDestructor);
  guardian_ = std::move(other.guardian_);
  id_ = std::exchange(other.id_, -1);
  status_ = std::exchange(other.status_, std::nullopt);
  return *this;
}

Process::~Process() {
  if (running()) stop(kPatienceOfDestructor);
}

void Process::reaped(int status) {
  ExitStatus ended;
  if (WIFSIGNALED(status)) {
    ended.signal = WTERMSIG(status);
  } else {
    ended.code = WEXITSTATUS(status);
  }
  status_ = ended;
  guardian_->forget_process(id_);
}

bool Process::running() {
  if (id_ < 0 || status_) return false;
  int status = 0;
  if (::waitpid(id_, &status, WNOHANG) == id_) reaped(status);
  return !status_;
}

void Process::signal(int number) {
  if (running()) ::kill(id_, number);
}

ExitStatus Process::wait() {
  WEIR_ASSERT(id_ > 0);
  int status = 0;
  while (!status_) {
    if (::waitpid(id_, &status, 0) == id_) reaped(status);
  }
  return *status_;
}

std::optional<ExitStatus> Process::wait_for(Milliseconds patience) {
  if (!await(patience, [this] { return !running(); })) return std::nullopt;
  return status_;
}

bool Process::all_threads_stopped() const {
  std::error_code error;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(id()) + "/task", error)) {
    std::ifstream file(thread.path() / "stat");
    const std::string stat{std::istreambuf_iterator<char>(file), {}};
    // pid (name) state …: the name may hold anything, so the state is what follows the last parenthesis.
    const std::size_t at = stat.rfind(") ");
    if (at != std::string::npos && stat[at + 2] != 'T') return false;
  }
  return !error;
}

ExitStatus Process::stop(Milliseconds patience, int signal_number) {
  signal(signal_number);
  signal(SIGCONT);  // a stopped process would never see the first
  if (!wait_for(patience)) return kill();
  return *status_;
}

ExitStatus Process::kill() {
  if (running()) ::kill(-id_, SIGKILL);
  return wait();
}

Result<void> run(std::shared_ptr<Guardian> guardian, Command command, Milliseconds patience) {
  WEIR_ASSERT(!command.output.empty());
  Process process = WEIR_TRY(Process::spawn(std::move(guardian), command));
  const std::optional<ExitStatus> status = process.wait_for(patience);
  if (status && status->ok()) return {};
  const std::string printed = file_text(command.output).value_or("");
  const std::string end = status ? status->text() : "no end within " + format_duration(patience);
  return fail(FaultKind::kIo, command.arguments.front() + " failed: " + end + (printed.empty() ? "" : "\n" + printed));
}

}  // namespace weir::supervise
