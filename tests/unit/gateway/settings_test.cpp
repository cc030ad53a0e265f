// From rows of configuration to the gateway's settings.
#include "producers/gateway/settings.hpp"

#include <doctest/doctest.h>

namespace gateway = weir::gateway;
using weir::config::Inputs;

namespace {

weir::Result<gateway::GatewaySettings> settings(std::map<std::string, std::string> flags) {
  weir::config::Schema schema;
  schema.add(gateway::gateway_fields());
  Inputs inputs;
  inputs.default_path = "";
  inputs.flags = std::move(flags);
  const auto configuration = weir::config::load(schema, inputs);
  REQUIRE(configuration.has_value());
  return gateway::settings_of(*configuration);
}

}  // namespace

TEST_CASE("the defaults are those of the documentation") {
  const auto defaults = settings({});
  REQUIRE(defaults.has_value());
  CHECK(defaults->publisher.topic == "weir.actions.v1");
  CHECK(defaults->intake.judge.max_event_bytes == 65'536);
  CHECK(defaults->http.max_body_bytes == 1'048'576);
  CHECK(defaults->intake.stranger_rate == weir::Rate{100, std::chrono::minutes{15}});
  CHECK(defaults->intake.judge.type_rates.at("report.requested") == weir::Rate{5, std::chrono::minutes{1}});
  CHECK(defaults->service.cors_origins.empty());
}

TEST_CASE("what a server and a cache of keys allow where nobody says more is what the gateway's rows say") {
  const auto defaults = settings({});
  REQUIRE(defaults.has_value());
  const weir::http::Limits server;
  CHECK(defaults->http.max_connections == server.max_connections);
  CHECK(defaults->http.max_body_bytes == server.max_body_bytes);
  CHECK(defaults->http.max_total_body_bytes == server.max_total_body_bytes);
  CHECK(defaults->http.header_timeout == server.header_timeout);
  CHECK(defaults->http.idle_timeout == server.idle_timeout);
  CHECK(defaults->http.body_timeout == server.body_timeout);
  CHECK(defaults->keys.cache.grace == gateway::CacheLimits{}.grace);
}

TEST_CASE("a limit of a type is a whole number above 0") {
  const auto wrong = settings({{"gateway.type_limits", "report.requested=many"}});
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().kind == weir::FaultKind::kConfiguration);
  CHECK(wrong.error().message.find("gateway.type_limits: report.requested: 'many' is no whole number above 0") != std::string::npos);
}

TEST_CASE("a key set needs an issuer and an audience beside it: a token that was made for another service must not be taken") {
  CHECK_FALSE(settings({{"gateway.jwks_file", "/keys.json"}, {"gateway.token_issuer", "https://login.example"}}).has_value());
  const auto good = settings(
      {{"gateway.jwks_file", "/keys.json"}, {"gateway.token_issuer", "https://login.example"}, {"gateway.token_audience", "weir"}});
  REQUIRE(good.has_value());
  CHECK(good->tokens.rules.organization_claim == "org");
  CHECK(good->tokens.rules.leeway == weir::Seconds{30});
  CHECK_FALSE(good->tokens.allow_hs256);
}

TEST_CASE("a key of SendGrid's or of unsubscribing that is none is refused at start") {
  CHECK_FALSE(settings({{"gateway.sendgrid_key", "x"}}).has_value());
  CHECK_FALSE(settings({{"gateway.unsubscribe_key", "short"}}).has_value());
  const auto good = settings({{"gateway.unsubscribe_key", std::string(32, 'u')}});
  REQUIRE(good.has_value());
  CHECK_FALSE(good->callbacks.sendgrid.has_value());
  CHECK(good->callbacks_topic == "weir.callbacks.v1");
}
