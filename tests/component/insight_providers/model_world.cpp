#include "tests/component/insight_providers/model_world.hpp"

#include "common/http/curl_caller.hpp"
#include "common/testing/python.hpp"
#include "common/testing/services.hpp"

#include <fmt/format.h>

namespace weir::testing {

ModelAccount account_at(const demo::ModelServers& servers, const std::string& provider) {
  ModelAccount account = account_for(provider);
  account.url = servers.url();
  account.key = provider == "anthropic" ? demo::kAnthropicKey : demo::kOpenaiKey;
  return account;
}

std::string Called::reason() const {
  if (const auto* postponed = std::get_if<delivery::Postponed>(&verdict)) return postponed->reason;
  if (const auto* paused = std::get_if<delivery::Paused>(&verdict)) return paused->reason;
  if (const auto* refused = std::get_if<delivery::Refused>(&verdict)) return refused->reason;
  return {};
}

Called carry_out(const ModelAccount& account, const Finding& finding, Milliseconds timeout) {
  static const SystemClock clock;
  static const std::unique_ptr<http::Caller> caller = [] {
    auto made = http::make_curl_caller({}, std::make_shared<http::SystemResolver>(), clock);
    REQUIRE(made.has_value());
    return *std::move(made);
  }();
  static http::CallId last = 0;
  OneCall one(account, finding);
  http::Call call = one.call();
  call.timeout = timeout;
  caller->begin(++last, std::move(call));
  while (true) {
    for (http::Ended& ended : caller->wait(Seconds{1})) {
      if (ended.id != last) continue;
      delivery::Verdict verdict = one.judge(ended.ending);
      return {std::move(one), std::move(verdict)};
    }
  }
}

bool has_python() {
  if (python()) return true;
  MESSAGE("the Python of the tests is not here (./dev deps --python makes it): not run");
  return false;
}

std::string run_python(const std::string& script, const std::string& arguments) {
  const auto file = source_directory() / "tests/support/insights" / script;
  const auto out = scratch() / (script + ".out");
  const std::string command = fmt::format("'{}' '{}' {} >'{}'", python()->string(), file.string(), arguments, out.string());
  REQUIRE(std::system(command.c_str()) == 0);
  return content(out);
}

}  // namespace weir::testing
