// `weir console`, the real executable, beside a group of one test program (tests/component/runtime/stage.hpp), and whoever looks at it.
#pragma once

#include "common/core/waiting.hpp"
#include "common/supervise/process.hpp"
#include "tests/component/runtime/stage.hpp"
#include "tests/support/loopback_stream.hpp"
#include "tests/unit/http/client.hpp"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace weir::testing {

inline const std::string kAdaToken = "ada-token-of-more-than-thirty-two-characters";
inline const std::string kBobToken = "bob-token-of-more-than-thirty-two-characters";

/// An event of a stream, or a whole answer.
struct StreamEvent {
  std::string name;
  std::string id;
  std::string data;
};

/// One page that looks at a stream, and can be cut at any moment.
class Looking {
 public:
  /// `holds`: how many bytes its socket keeps while it reads nothing; 0: as many as the system wants.
  Looking(int port, const std::string& path, const std::string& last_event = {}, int holds = 0)
      : stream_(port,
                fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}\r\n", path, port,
                            last_event.empty() ? "" : "Last-Event-ID: " + last_event + "\r\n"),
                holds) {}

  /// The next event; none where it does not come in time, or the stream has ended.
  std::optional<StreamEvent> next(Milliseconds patience = kPatience) {
    const Deadline deadline(patience);
    while (const auto block = stream_.take_block(deadline)) {
      const std::string lines = "\n" + *block;
      StreamEvent event{line(lines, "event"), line(lines, "id"), line(lines, "data")};
      if (!event.name.empty()) return event;
    }
    return std::nullopt;
  }
  /// The next event of this name whose data holds `part`.
  std::optional<StreamEvent> next_with(const std::string& name, const std::string& part) {
    const Deadline deadline(kPatience);
    while (auto event = next(deadline.left())) {
      if (event->name == name && event->data.find(part) != std::string::npos) return event;
    }
    return std::nullopt;
  }
  /// Whether the other side ends it in time.
  bool ends(Milliseconds patience) { return stream_.ends(patience); }
  [[nodiscard]] const std::string& received() const { return stream_.received(); }

 private:
  static std::string line(const std::string& block, const std::string& name) {
    const std::size_t at = block.find("\n" + name + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 3;
    return block.substr(begin, block.find('\n', begin) - begin);
  }

  LoopbackStream stream_;
};

class ConsoleSite {
 public:
  using Environment = std::map<std::string, std::string>;

  explicit ConsoleSite(std::int32_t partitions = 2, const Environment& more = {}) : stage(partitions) {
    std::ofstream(tokens()) << "# test\nada " << kAdaToken << "\nbob " << kBobToken << "\n";
    process_ = start(more);
    REQUIRE(await(kPatience, [this] { return read_port() != 0 || !process_.running(); }));
    REQUIRE_MESSAGE(port() != 0, log());
  }

  [[nodiscard]] supervise::Process start(const Environment& more) const {
    supervise::Command command;
    command.arguments = {weir_executable(), "console", "--listen", "127.0.0.1:0"};
    command.output = folder_ / "log";
    command.environment = {{"WEIR_POSTGRES_DSN", stage.dsn + " user=weir_operator"},
                           {"WEIR_KAFKA_BROKERS", stage.broker.brokers},
                           {"WEIR_CONSOLE_TOKENS_FILE", tokens()},
                           {"WEIR_LOG_FORMAT", "json"}};
    for (const auto& [name, value] : more) command.environment[name] = value;
    return supervise::Process::spawn(guardian(), command).value();
  }

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string log() const { return content(folder_ / "log"); }
  [[nodiscard]] std::string tokens() const { return folder_ / "tokens"; }
  [[nodiscard]] std::string host() const { return fmt::format("127.0.0.1:{}", port_); }

  /// The answer to a request with these lines of a head, which it needs all of.
  [[nodiscard]] std::string raw(const std::string& head, const std::string& body = {}) const {
    RawClient client(port_);
    client.send(head + fmt::format("Connection: close\r\nContent-Length: {}\r\n\r\n", body.size()) + body);
    return client.response();
  }
  [[nodiscard]] std::string get(const std::string& path, const std::string& more = {}) const {
    return raw(fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n{}", path, host(), more));
  }
  [[nodiscard]] std::string post(const std::string& path, const std::string& body, const std::string& more = {}) const {
    return raw(fmt::format("POST {} HTTP/1.1\r\nHost: {}\r\nOrigin: http://{}\r\nContent-Type: application/json\r\n{}", path, host(),
                           host(), more),
               body);
  }
  /// The Cookie header of a login.
  [[nodiscard]] std::string log_in(const std::string& token = kAdaToken) const {
    const std::string answer = post("/api/login", "{\"token\":\"" + token + "\"}");
    const std::size_t at = answer.find("Set-Cookie: ");
    REQUIRE_MESSAGE(at != std::string::npos, answer);
    return "Cookie: " + answer.substr(at + 12, answer.find(';', at) - at - 12) + "\r\n";
  }
  /// Plans and confirms: the answer of confirm.
  [[nodiscard]] std::string act(const std::string& cookie, const std::string& plan, const std::string& why = "a test") const {
    const std::string planned = post("/api/actions/plan", plan, cookie);
    REQUIRE_MESSAGE(status_of(planned) == 200, planned);
    return post("/api/actions/confirm", fmt::format(R"({{"plan":"{}","why":"{}"}})", member(planned, "plan"), why), cookie);
  }
  /// The text of a member, wherever it stands first.
  [[nodiscard]] static std::string member(const std::string& json, const std::string& name) {
    const std::size_t at = json.find("\"" + name + "\":\"");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return json.substr(begin, json.find('"', begin) - begin);
  }
  [[nodiscard]] std::string actions() {
    return stage.text(
        "SELECT coalesce(string_agg(concat_ws(' ', acted_by, command, counts, why), '; ' ORDER BY id), '') "
        "FROM weir.operator_actions");
  }

  Stage stage;

 private:
  int read_port() {
    const std::string text = log();
    const std::size_t at = text.find("http://127.0.0.1:");
    if (at != std::string::npos && text.find('\n', at) != std::string::npos) port_ = std::stoi(text.substr(at + 17));
    return port_;
  }

  const std::filesystem::path folder_ = [] {
    static int number = 0;
    const auto made = scratch() / ("console-" + std::to_string(++number));
    std::filesystem::create_directories(made);
    return made;
  }();
  int port_ = 0;
  supervise::Process process_;
};

[[nodiscard]] inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace weir::testing
