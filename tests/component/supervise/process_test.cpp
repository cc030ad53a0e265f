// Children that end with their owner: stopped, killed and counted by their ids.
#include "common/supervise/process.hpp"

#include "common/core/await.hpp"
#include "common/local/scratch.hpp"
#include "common/supervise/process_tree.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>

using namespace weir;
using namespace weir::supervise;
using weir::local::Scratch;
using weir::testing::content;

namespace {

constexpr Milliseconds kSoon{60'000};

}  // namespace

TEST_CASE("a process is given arguments and environment, and its output is kept") {
  const auto guardian = Guardian::start().value();
  const Scratch scratch = Scratch::create(guardian).value();
  Command command;
  command.arguments = {"sh", "-c", "echo \"$0 $GREETING\"; echo oops >&2; exit 3", "says"};
  command.environment = {{"GREETING", "hello"}};
  command.output = scratch.path() / "out";
  Process process = Process::spawn(guardian, command).value();
  const ExitStatus status = process.wait();
  CHECK(status.text() == "exit code 3");
  CHECK(content(command.output) == "says hello\noops\n");
}

TEST_CASE("a program that is not there is an error that names it") {
  const auto guardian = Guardian::start().value();
  const auto process = Process::spawn(guardian, Command{{"no-such-program"}, {}, {}, {}, SIGKILL});
  REQUIRE_FALSE(process.has_value());
  CHECK(process.error().message == "cannot find the program no-such-program");
}

TEST_CASE("a process that ignores SIGTERM is killed with its whole group") {
  const auto guardian = Guardian::start().value();
  const Scratch scratch = Scratch::create(guardian).value();
  Command command;
  command.arguments = {"sh", "-c", "trap '' TERM; sleep 1000 & echo $!; while true; do wait; done"};
  command.output = scratch.path() / "out";
  Process process = Process::spawn(guardian, command).value();
  REQUIRE(await(kSoon, [&] { return content(command.output).ends_with('\n'); }));
  const pid_t grandchild = std::stoi(content(command.output));
  const ExitStatus status = process.stop(Milliseconds{50});
  CHECK(status.text() == "signal 9 (Killed)");
  CHECK(await(kSoon, [&] { return start_time(grandchild).empty(); }));
}

TEST_CASE("when the owner is killed its processes and directories go") {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const pid_t owner = ::fork();
  if (owner == 0) {
    const auto guardian = Guardian::start().value();
    const Scratch scratch = Scratch::create(guardian).value();
    // A session of its own, as Postgres' backends have: out of reach of a signal to the group.
    Process process = Process::spawn(guardian, Command{{"sh", "-c", "setsid sleep 1000 & wait"}, {}, {}, {}, SIGKILL}).value();
    await(kSoon, [&] { return !children_of(process.id()).empty(); });
    const std::string facts =
        std::to_string(process.id()) + " " + std::to_string(children_of(process.id()).at(0)) + " " + scratch.path().string() + "\n";
    if (::write(pipe[1], facts.data(), facts.size()) < 0) ::_exit(1);
    while (true) ::pause();
  }
  std::array<char, 512> buffer{};
  const ssize_t got = ::read(pipe[0], buffer.data(), buffer.size());
  REQUIRE(got > 0);
  std::istringstream facts(std::string(buffer.data(), static_cast<std::size_t>(got)));
  pid_t child = 0;
  pid_t grandchild = 0;
  std::string directory;
  facts >> child >> grandchild >> directory;
  CHECK_FALSE(start_time(child).empty());
  CHECK(std::filesystem::exists(directory));

  ::kill(owner, SIGKILL);
  ::waitpid(owner, nullptr, 0);
  CHECK(await(kSoon, [&] { return start_time(child).empty() && start_time(grandchild).empty(); }));
  CHECK(await(kSoon, [&] { return !std::filesystem::exists(directory); }));
  ::close(pipe[0]);
  ::close(pipe[1]);
}
