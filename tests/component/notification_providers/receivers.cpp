#include "tests/component/notification_providers/receivers.hpp"

#include "common/core/await.hpp"
#include "common/supervise/process.hpp"
#include "common/testing/python.hpp"
#include "common/testing/services.hpp"
#include "tests/unit/notifications/providers/service_account.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace weir::testing {

bool has_receivers() {
  if (python()) return true;
  MESSAGE("the Python of the tests is not here (./dev deps --python makes it): not run");
  return false;
}

std::map<std::string, std::string> receivers_configuration() {
  const Receivers& receivers = Receivers::running();
  std::string account = kServiceAccount;
  const std::string token_uri = "https://oauth2.example/token";
  account.replace(account.find(token_uri), token_uri.size(), receivers.url("/token"));
  const std::map<std::string, std::string> values{
      {"webhook.allow", "127.0.0.1"},
      {"ca_file", receivers.authority()},
      {"pusher.url", receivers.url()},
      {"pusher.app_id", "3"},
      {"pusher.key", "278d425bdf160c739803"},
      {"pusher.secret", "7ad3773142a6692b25b8"},
      {"sendgrid.url", receivers.url()},
      {"sendgrid.key", "SG.test"},
      {"sendgrid.from", "weir@example.org"},
      {"smtp.url", fmt::format("smtp://localhost:{}", receivers.port("smtp"))},
      {"smtp.user", "weir"},
      {"smtp.password", "secret"},
      {"smtp.from", "weir@example.org"},
      {"smtp.from_name", "Weir, für alle"},
      {"fcm.url", receivers.url()},
      {"fcm.service_account", account},
      {"retry_pause", "50ms"},
      {"pusher.linger", "50ms"},
      {"pusher.timeout", "1s"},
      {"webhook.timeout", "1s"},
  };
  std::map<std::string, std::string> flags;
  for (const auto& [name, value] : values) flags["consumers.notifications." + name] = value;
  return flags;
}

Receivers& Receivers::running() {
  static Receivers receivers;
  return receivers;
}

Receivers::Receivers() : directory_(scratch() / "receivers") {
  std::filesystem::create_directories(directory_);
  supervise::Command command;
  command.arguments = {*python(), source_directory() / "tests/support/receivers", directory_};
  command.output = directory_ / "receivers.out";
  static supervise::Process process;
  auto spawned = supervise::Process::spawn(guardian(), command);
  REQUIRE(spawned.has_value());
  process = *std::move(spawned);
  const auto file = directory_ / "ports.json";
  const bool is_up =
      await(std::chrono::minutes{1}, [&] { return std::filesystem::exists(file) || !process.running(); }) && std::filesystem::exists(file);
  REQUIRE_MESSAGE(is_up, content(command.output));
  ports_ = nlohmann::json::parse(content(file)).get<std::map<std::string, int>>();
}

std::string Receivers::url(const std::string& path) const { return fmt::format("http://127.0.0.1:{}{}", port("http"), path); }

void Receivers::set_out(const std::string& protocol, bool is_out) const {
  const auto file = directory_ / ("out-" + protocol);
  if (is_out) {
    std::ofstream(file).flush();
  } else {
    std::filesystem::remove(file);
  }
}

std::vector<nlohmann::json> Receivers::all() const {
  std::vector<nlohmann::json> lines;
  std::istringstream text(content(directory_ / "received.jsonl"));
  for (std::string line; std::getline(text, line);) {
    if (!text.eof()) lines.push_back(nlohmann::json::parse(line));  // a last line without its end is being written
  }
  return lines;
}

std::vector<nlohmann::json> Receivers::of(const Uuid& id) const {
  std::vector<nlohmann::json> found;
  for (nlohmann::json& line : all()) {
    if (line["id"] == id.text()) found.push_back(std::move(line));
  }
  return found;
}

}  // namespace weir::testing
