// Real children: crashed, refused and stopped.
#include "common/supervise/supervisor.hpp"

#include "common/core/await.hpp"
#include "common/local/scratch.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weir;
using namespace weir::supervise;

namespace {

constexpr Milliseconds kSoon{60'000};

struct Stage {
  SystemClock clock;
  std::shared_ptr<supervise::Guardian> guardian = supervise::Guardian::start().value();
  std::vector<Transition> transitions;
  Supervisor supervisor{guardian, clock, {Milliseconds{10}, Milliseconds{50}, Milliseconds{60'000}}, [this](const Transition& transition) {
                          transitions.push_back(transition);
                        }};

  Result<void> start(const std::string& name, const std::string& script) {
    supervise::Command command;
    command.arguments = {"sh", "-c", script};
    return supervisor.start({name, command});
  }
};

}  // namespace

TEST_CASE("a component that is killed is started again under another id") {
  Stage stage;
  REQUIRE(stage.start("sleeper", "exec sleep 1000"));
  const pid_t first = stage.supervisor.id_of("sleeper");
  stage.supervisor.signal("sleeper", SIGKILL);
  CHECK(await(kSoon, [&] {
    REQUIRE(stage.supervisor.tend());
    return stage.supervisor.restarts() == 1 && stage.supervisor.id_of("sleeper") > 0;
  }));
  CHECK(stage.supervisor.id_of("sleeper") != first);
  REQUIRE(stage.transitions.size() == 3);
  CHECK(stage.transitions[1].status.text() == "signal 9 (Killed)");
  CHECK(stage.transitions[1].restarts_in == Milliseconds{10});
}

TEST_CASE("a component with wrong configuration ends all, with its exit code") {
  Stage stage;
  REQUIRE(stage.start("good", "exec sleep 1000"));
  REQUIRE(stage.start("wrong", "exit 78"));
  Result<void> tended;
  CHECK(await(kSoon, [&] {
    tended = stage.supervisor.tend();
    return !tended.has_value();
  }));
  CHECK(tended.error().exit_code() == ExitCode::kConfiguration);
  CHECK(tended.error().message == "wrong ended with exit code 78, which starting it again would not change");
  CHECK(stage.supervisor.restarts() == 0);
}

TEST_CASE("components are stopped in reverse order, and an unclean end is told") {
  Stage stage;
  const local::Scratch scratch = local::Scratch::create(stage.guardian).value();
  const auto ready = [&](const std::string& name) { return (scratch.path() / name).string(); };
  REQUIRE(stage.start("first", "trap 'exit 0' TERM; touch " + ready("first") + "; while :; do sleep 0.01; done"));
  REQUIRE(stage.start("second", "trap 'exit 70' TERM; touch " + ready("second") + "; while :; do sleep 0.01; done"));
  for (const std::string name : {"first", "second"}) {
    REQUIRE(await(kSoon, [&] { return std::filesystem::exists(ready(name)); }));
  }
  const Result<void> stopped = stage.supervisor.stop(kSoon);
  REQUIRE_FALSE(stopped.has_value());
  CHECK(stopped.error().message == "not every component stopped in good order: second: exit code 70");
  REQUIRE(stage.transitions.size() == 4);
  CHECK(stage.transitions[2].name == "second");
  CHECK(stage.transitions[3].name == "first");
}
