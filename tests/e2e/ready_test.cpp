// A rollout asks a new process whether it is ready, and takes the old one away when it says yes.
#include "common/core/await.hpp"
#include "common/local/scratch.hpp"
#include "common/supervise/process.hpp"
#include "common/testing/services.hpp"
#include "demo/clients/http_client.hpp"
#include "demo/receivers/listener.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sys/socket.h>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Milliseconds kPatience{60'000};
constexpr int kUnavailable = 503;

/// Takes connections, as a server does that hangs, reads what comes, and never says a word.
void stay_mute(int socket) {
  char ignored = 0;
  while (::recv(socket, &ignored, sizeof ignored, 0) > 0) continue;
}

/// The first answer of a component's /readyz while the server at Postgres' port is mute.
demo::HttpAnswer first_answer(const std::vector<std::string>& words, int postgres) {
  const int port = local::free_port().value();
  std::vector<std::string> command{weir_executable()};
  command.insert(command.end(), words.begin(), words.end());
  command.insert(command.end(), {"--ops-listen", fmt::format("127.0.0.1:{}", port)});
  const std::string dsn = fmt::format("host=127.0.0.1 port={} user=weir dbname=weir", postgres);
  const supervise::Command as{.arguments = std::move(command),
                              .environment = {{"WEIR_KAFKA_BROKERS", "127.0.0.1:1"},
                                              {"WEIR_POSTGRES_DSN", dsn},
                                              {"WEIR_CDC_DSN", dsn},
                                              {"WEIR_CONSUMERS_ROLLUPS_START", "earliest"},
                                              {"WEIR_CONSUMERS_NOTIFICATIONS_START", "earliest"},
                                              {"WEIR_CONSUMERS_INSIGHTS_START", "earliest"}},
                              .output = scratch() / (words.front() + ".log"),
                              .user = {}};
  supervise::Process component = supervise::Process::spawn(guardian(), as).value();
  demo::HttpClient client(port, Milliseconds{1'000});
  demo::HttpAnswer first;
  const bool answered = await(kPatience, [&] {
    REQUIRE_MESSAGE(component.running(), content(as.output));
    auto answer = client.get("/readyz");
    if (answer) first = std::move(*answer);
    return answer.has_value();
  });
  component.kill();
  REQUIRE_MESSAGE(answered, content(as.output));
  return first;
}

}  // namespace

TEST_CASE("no component calls itself ready before it could begin its work") {
  const auto postgres = demo::Listener::open(stay_mute).value();
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"gateway", "--listen", "127.0.0.1:0"},
                                                                                     {"rollups"},
                                                                                     {"notifications", "--deliver"},
                                                                                     {"notifications", "--intake"},
                                                                                     {"insights", "--deliver"},
                                                                                     {"insights", "--intake"},
                                                                                     {"sealer"},
                                                                                     {"cdc"}}) {
    CAPTURE(words.front());
    const demo::HttpAnswer answer = first_answer(words, postgres->port());
    CHECK(answer.status == kUnavailable);
    CHECK_MESSAGE(answer.body.find("start\":") != std::string::npos, answer.body);
  }
}
