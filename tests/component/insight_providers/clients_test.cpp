// Both sides of the wire are held by other people's code: the packages anthropic and openai send what our servers accept, are given what
// weir would send, send the same, and understand what our servers answer.
#include "tests/component/insight_providers/model_world.hpp"

#include "common/testing/services.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

using namespace weir;
using namespace weir::testing;
using demo::ModelAct;
using nlohmann::json;

namespace {

/// The model's name says how the servers behave.
demo::ModelBehaviour by_model(const demo::ModelRequest& request, std::uint64_t) {
  if (request.model == "limited") return {.act = ModelAct::kFails, .status = 429, .retry_after = Seconds{7}};
  for (const ModelAct act : demo::model_acts()) {
    if (demo::name_of(act) == request.model) return {.act = act};
  }
  return {};
}

json body_for(const std::string& provider, const std::string& model, const std::string& temperature = "") {
  ModelAccount account = account_for(provider);
  account.model = model;
  account.temperature = temperature;
  return json::parse(body_of(OneCall(account).outgoing()));
}

std::vector<json> lines_of(const std::string& text) {
  std::vector<json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
  return lines;
}

}  // namespace

TEST_CASE("the providers' own clients send what weir sends, and understand what the servers answer") {
  if (!has_python()) return;
  const auto servers = demo::ModelServers::start(by_model);
  REQUIRE(servers.has_value());
  struct Row {
    std::string model;
    std::string anthropic;  // stop_reason, or error
    std::string openai;     // finish_reason, or error
  };
  const std::vector<Row> rows{{"good", "end_turn", "stop"},
                              {"cut", "max_tokens", "length"},
                              {"refuses", "refusal", "stop"},
                              {"nonsense", "end_turn", "stop"},
                              {"limited", "RateLimitError", "RateLimitError"},
                              {"fails", "InternalServerError", "InternalServerError"},
                              {"stranger", "AuthenticationError", "AuthenticationError"}};
  const auto file = scratch() / "bodies.jsonl";
  std::ofstream bodies(file);
  std::vector<json> sent;
  for (const std::string provider : {"anthropic", "openai"}) {
    for (const Row& row : rows) {
      // The client of Anthropic takes no temperature any more.
      sent.push_back(body_for(provider, row.model, provider == "openai" && row.model == "good" ? "0.5" : ""));
      const std::string key = row.model == "stranger" ? "stranger" : provider == "anthropic" ? demo::kAnthropicKey : demo::kOpenaiKey;
      bodies << json{{"provider", provider}, {"key", key}, {"body", sent.back()}}.dump() << "\n";
    }
  }
  bodies.close();
  const auto results = lines_of(run_python("clients.py", fmt::format("'{}' '{}'", (*servers)->url(), file.string())));
  REQUIRE(results.size() == sent.size());
  const auto taken = (*servers)->taken();
  REQUIRE(taken.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const Row& row = rows[i % rows.size()];
    CAPTURE(row.model);
    CHECK(json::parse(taken[i].body) == sent[i]);
    const bool is_anthropic = i < rows.size();
    const std::string expected = is_anthropic ? row.anthropic : row.openai;
    if (results[i].contains("error")) {
      CHECK(results[i]["error"] == expected);
      if (row.model == "limited") CHECK(results[i]["retry_after"] == "7");
      continue;
    }
    CHECK(results[i]["stop"] == expected);
    CHECK(results[i]["in"].get<int>() > 0);
    if (row.model == "good") CHECK(json::parse(results[i]["text"].get<std::string>())["evidence"] == json::array({"E1"}));
  }
}
