#include "consumers/insights/providers/registry.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace weir;
using namespace weir::insights;

namespace {

struct Loaded {
  explicit Loaded(std::map<std::string, std::string> flags) {
    schema.add(model_fields());
    config::Inputs inputs;
    inputs.default_path = "";
    inputs.flags = std::move(flags);
    auto loaded = config::load(schema, inputs);
    if (!loaded) FAIL(loaded.error().line());
    configuration = *std::move(loaded);
  }
  config::Schema schema;
  config::Configuration configuration;
};

const std::map<std::string, std::string> kBoth{{"consumers.insights.openai.key", "o"}, {"consumers.insights.anthropic.key", "a"}};

std::string fault(const std::string& name, const std::string& value) {
  const Loaded loaded({{"consumers.insights.openai.key", "o"}, {"consumers.insights.openai." + name, value}});
  const auto accounts = model_accounts(loaded.configuration);
  return accounts ? "" : accounts.error().message;
}

}  // namespace

TEST_CASE("providers are asked in the order of their rows, those that have a key") {
  CHECK(model_rows()[0].name == "anthropic");
  CHECK(model_rows()[1].name == "openai");
  CHECK(find_model_row("oracle") == nullptr);
  CHECK(model_accounts(Loaded({}).configuration)->empty());
  const auto accounts = *model_accounts(Loaded(kBoth).configuration);
  REQUIRE(accounts.size() == 2);
  CHECK(accounts[0]->name == "anthropic:default");
  CHECK(accounts[1]->provider == "openai");
  CHECK(accounts[1]->url == "https://api.openai.com");
  CHECK(accounts[0]->most_output == 150);
  CHECK(accounts[0]->temperature.empty());
  CHECK(accounts[0]->reach == http::Reach::kConfigured);
}

TEST_CASE("a key is a secret, and each row of configuration bears its provider's name") {
  std::set<std::string> secrets;
  for (const config::Field& field : model_fields()) {
    CHECK(field.key.starts_with("consumers.insights."));
    if (field.secret) secrets.insert(field.key);
  }
  CHECK(secrets == std::set<std::string>{"consumers.insights.anthropic.key", "consumers.insights.openai.key"});
}

TEST_CASE("an account with a value that cannot be is a fault that names it") {
  CHECK(fault("temperature", "0.5").empty());
  CHECK(fault("temperature", "2").empty());
  for (const char* bad : {"2.1", "-1", "hot", "0.5,", "nan", "1e0", ".5", "1."}) {
    CAPTURE(bad);
    CHECK(fault("temperature", bad) == "consumers.insights.openai: temperature is no number from 0 to 2");
  }
  CHECK(fault("url", "ftp://x").starts_with("consumers.insights.openai: url: "));
}

TEST_CASE("terms are the configuration's") {
  const Loaded loaded({{"consumers.insights.openai.timeout", "5s"}, {"consumers.insights.openai.calls", "12"}});
  const auto providers = make_providers(loaded.configuration);
  CHECK(providers.size() == 2);
  CHECK(providers.at("openai")->terms().timeout == Seconds{5});
  CHECK(providers.at("openai")->terms().calls_of_an_account == 12);
  CHECK(providers.at("anthropic")->terms().jobs_in_a_call == 1);
}
