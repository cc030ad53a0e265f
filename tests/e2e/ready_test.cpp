// A rollout asks a new process whether it is ready, and takes the old one away when it says yes.
#include "common/core/await.hpp"
#include "common/local/scratch.hpp"
#include "common/supervise/process.hpp"
#include "common/testing/services.hpp"
#include "demo/clients/http_client.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Milliseconds kPatience{60'000};
constexpr int kUnavailable = 503;

/// Takes connections, as a server does that hangs, and never says a word.
class MuteServer {
 public:
  MuteServer() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(socket_, raw, size) == 0);
    REQUIRE(::listen(socket_, SOMAXCONN) == 0);
    REQUIRE(::getsockname(socket_, raw, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  MuteServer(const MuteServer&) = delete;
  MuteServer& operator=(const MuteServer&) = delete;
  ~MuteServer() { ::close(socket_); }

  [[nodiscard]] int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
};

/// The first answer of a component's /readyz while Postgres is mute.
demo::HttpAnswer first_answer(const std::vector<std::string>& words, const MuteServer& postgres) {
  const int port = local::free_port().value();
  std::vector<std::string> command{weir_executable()};
  command.insert(command.end(), words.begin(), words.end());
  command.insert(command.end(), {"--ops-listen", fmt::format("127.0.0.1:{}", port)});
  const std::string dsn = fmt::format("host=127.0.0.1 port={} user=weir dbname=weir", postgres.port());
  const supervise::Command as{.arguments = std::move(command),
                              .environment = {{"WEIR_KAFKA_BROKERS", "127.0.0.1:1"},
                                              {"WEIR_POSTGRES_DSN", dsn},
                                              {"WEIR_CDC_DSN", dsn},
                                              {"WEIR_CONSUMERS_ROLLUPS_START", "earliest"},
                                              {"WEIR_CONSUMERS_NOTIFICATIONS_START", "earliest"}},
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
  const MuteServer postgres;
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"gateway", "--listen", "127.0.0.1:0"},
                                                                                     {"rollups"},
                                                                                     {"notifications", "--deliver"},
                                                                                     {"notifications", "--intake"},
                                                                                     {"sealer"},
                                                                                     {"cdc"}}) {
    CAPTURE(words.front());
    const demo::HttpAnswer answer = first_answer(words, postgres);
    CHECK(answer.status == kUnavailable);
    CHECK_MESSAGE(answer.body.find("start\":") != std::string::npos, answer.body);
  }
}
