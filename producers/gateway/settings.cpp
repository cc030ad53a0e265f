// Each row with its default; the README repeats none of them.
#include "producers/gateway/settings.hpp"

#include "common/process/mail_links.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::gateway {

namespace {

using config::Field;
using config::Type;

std::vector<Field> limit_fields() {
  return {
      {"gateway.max_connections", Type::kInteger, "The most connections at once, streams among them; further ones are answered 503.",
       "2048", "1", "100000"},
      {"gateway.max_event_bytes", Type::kBytes, "The largest event that is accepted.", "64KiB", "1KiB", "1MiB"},
      {"gateway.max_batch_bytes", Type::kBytes, "The largest body that is read.", "1MiB", "1KiB", "16MiB"},
      {"gateway.max_batch_events", Type::kInteger, "The most events that one body may hold.", "1000", "1", "10000"},
      {"gateway.max_bodies_bytes", Type::kBytes, "The most bytes that all bodies in hand may have together; over this, 503.", "128MiB",
       "1MiB", "16GiB"},
      {"gateway.max_in_flight_bytes", Type::kBytes, "The most bytes of events that may wait for Kafka; over this, 503.", "32MiB", "1MiB",
       "4GiB"},
      {"gateway.header_timeout", Type::kDuration, "How long a client may take for a request's head.", "10s", "1s", "5m"},
      {"gateway.idle_timeout", Type::kDuration,
       "How long a connection may be silent between requests: longer than a load balancer in front of the gateway keeps one.", "75s", "1s",
       "1h"},
      {"gateway.body_timeout", Type::kDuration, "How long a client may take for a request's body.", "30s", "1s", "10m"},
      {"gateway.delivery_timeout", Type::kDuration, "How long Kafka may take to acknowledge an event before the answer is 503.", "10s",
       "1s", "5m"},
  };
}

std::vector<Field> access_fields() {
  return {
      {"gateway.key_grace", Type::kDuration, "How long a known API key still works while Postgres is away.", "5m", "10s", "24h"},
      {"gateway.stranger_requests", Type::kInteger,
       "Requests without a valid API key or token that one address may make in gateway.stranger_window; 0: no limit.", "100", "0",
       "1000000"},
      {"gateway.stranger_window", Type::kDuration, "The time over which gateway.stranger_requests counts.", "15m", "1s", "24h"},
      {"gateway.max_age", Type::kDuration,
       "An event that happened longer ago is refused. weir check holds this against the limit of each consumer.", "719h", "1m", "3650d"},
      {"gateway.max_future", Type::kDuration,
       "An event whose time lies further ahead is refused. weir check holds this against the limit of each consumer.", "9m", "0s", "30d"},
      {"gateway.type_limits", Type::kTextMap, "Events a minute of a type, for each API key and user, or each user of tokens.",
       "agent.execution.requested=10, report.requested=5, search.vector.requested=50"},
      {"gateway.cors_origins", Type::kTextList, "Origins whose pages may call the gateway from a browser (https://app.example).", ""},
  };
}

std::vector<Field> stream_fields() {
  return {
      {.key = "gateway.listen_dsn",
       .type = Type::kText,
       .help = "The connection string of the one session that hears of new messages; it must not lead through a transaction pool.",
       .secret = true,
       .instead = "gateway.dsn"},
      {"gateway.max_streams", Type::kInteger, "The most streams of messages at once, within gateway.max_connections.", "1000", "1",
       "100000"},
      {"gateway.max_user_streams", Type::kInteger, "The most streams of one user at once.", "10", "1", "1000"},
      {"gateway.feed_threads", Type::kInteger, "Threads that read messages of users, each with a connection to Postgres.", "2", "1", "64"},
  };
}

std::vector<Field> callback_fields() {
  std::vector<Field> fields{
      {"gateway.callbacks_topic", Type::kText, "The topic that callbacks of providers and clicks on links in mails go to.",
       "weir.callbacks.v1"},
      {"gateway.sendgrid_key", Type::kText,
       "The public key with which SendGrid's Event Webhook signs, as SendGrid shows it; empty: its callbacks are not taken.", ""},
  };
  for (Field& field : process::mail_link_fields()) fields.push_back(std::move(field));
  return fields;
}

Result<CallbackOptions> callback_options(const config::Configuration& configuration) {
  CallbackOptions options;
  const std::string sendgrid = configuration.text("gateway.sendgrid_key");
  if (!sendgrid.empty()) options.sendgrid = WEIR_TRY(WebhookKey::read(sendgrid));
  options.link_keys = WEIR_TRY(process::mail_links(configuration)).keys;
  return options;
}

std::vector<Field> token_fields() {
  return {
      {"gateway.jwks_file", Type::kText,
       "The file of public keys (a JSON Web Key Set) that tokens are verified with, read again when it changes; empty: no token is "
       "accepted.",
       ""},
      {"gateway.token_issuer", Type::kText, "Who must have issued a token: its claim iss.", ""},
      {"gateway.token_audience", Type::kText, "Whom a token must be meant for: its claim aud.", ""},
      {"gateway.token_organization_claim", Type::kText, "The claim that holds the uuid of the user's organization.", "org"},
      {"gateway.token_role_claim", Type::kText,
       "The claim that holds the user's role in the application: student, teacher, admin or professional.", "user_role"},
      {"gateway.token_leeway", Type::kDuration, "By how much the clock of a token's issuer may differ.", "30s", "0s", "5m"},
      {"gateway.token_types", Type::kTextList,
       "Event types that a token may publish besides user.action, and notification.requested to its own user.", ""},
      {"gateway.token_events_per_hour", Type::kInteger, "Events an hour that one user may publish by tokens; 0: no limit.", "1000", "0",
       "1000000000"},
      {"gateway.allow_hs256", Type::kBoolean,
       "Whether keys of type oct in gateway.jwks_file verify tokens by HS256; whoever can read such a key can make tokens.", "false"},
  };
}

Result<TokenOptions> token_options(const config::Configuration& configuration) {
  TokenOptions options;
  options.path = configuration.text("gateway.jwks_file");
  options.allow_hs256 = configuration.boolean("gateway.allow_hs256");
  options.rules.issuer = configuration.text("gateway.token_issuer");
  options.rules.audience = configuration.text("gateway.token_audience");
  options.rules.organization_claim = configuration.text("gateway.token_organization_claim");
  options.rules.role_claim = configuration.text("gateway.token_role_claim");
  options.rules.leeway = std::chrono::ceil<Seconds>(configuration.duration("gateway.token_leeway"));
  if (options.path.empty() || (!options.rules.issuer.empty() && !options.rules.audience.empty())) return options;
  return fail(FaultKind::kConfiguration,
              configuration.origin("gateway.jwks_file") + ": gateway.jwks_file is set, and the issuer or the audience of tokens is not",
              "set gateway.token_issuer and gateway.token_audience: a token that was made for another service must be refused");
}

Result<std::map<std::string, Rate, std::less<>>> type_rates(const config::Configuration& configuration) {
  std::map<std::string, Rate, std::less<>> rates;
  for (const auto& [type, text] : configuration.map("gateway.type_limits")) {
    const bool digits = !text.empty() && text.size() <= 9 && text.find_first_not_of("0123456789") == std::string::npos;
    const std::int64_t events = digits ? std::stoll(text) : 0;
    if (events <= 0) {
      return fail(FaultKind::kConfiguration,
                  fmt::format("{}: gateway.type_limits: {}: '{}' is no whole number above 0", configuration.origin("gateway.type_limits"),
                              type, text),
                  "give events a minute, or leave the type out for no limit");
    }
    rates.emplace(type, Rate{events, std::chrono::minutes{1}});
  }
  return rates;
}

}  // namespace

std::vector<Field> gateway_fields() {
  std::vector<Field> fields;
  fields.push_back({"http.listen", Type::kText, "Where the gateway serves, as host:port (port 0: a free one).", "127.0.0.1:8080"});
  fields.back().flag = "--listen";
  fields.push_back({.key = "gateway.dsn",
                    .type = Type::kText,
                    .help = "The connection string of weir gateway, as the role weir_gateway.",
                    .secret = true,
                    .instead = "postgres.dsn"});
  fields.push_back({"gateway.topic", Type::kText, "The topic that events go to.", "weir.actions.v1"});
  fields.push_back({"gateway.threads", Type::kInteger, "Threads that serve requests.", "2", "1", "64"});
  for (auto& part : {limit_fields(), access_fields(), token_fields(), stream_fields(), callback_fields()})
    fields.insert(fields.end(), part.begin(), part.end());
  return fields;
}

Result<GatewaySettings> settings_of(const config::Configuration& configuration) {
  const auto milliseconds = [&](std::string_view key) { return std::chrono::ceil<Milliseconds>(configuration.duration(key)); };
  GatewaySettings settings;
  settings.listen = configuration.text("http.listen");
  settings.threads = static_cast<int>(configuration.integer("gateway.threads"));
  settings.http.max_connections = static_cast<std::size_t>(configuration.integer("gateway.max_connections"));
  settings.http.max_body_bytes = configuration.bytes("gateway.max_batch_bytes");
  settings.http.max_total_body_bytes = configuration.bytes("gateway.max_bodies_bytes");
  settings.http.header_timeout = milliseconds("gateway.header_timeout");
  settings.http.idle_timeout = milliseconds("gateway.idle_timeout");
  settings.http.body_timeout = milliseconds("gateway.body_timeout");

  settings.publisher.topic = configuration.text("gateway.topic");
  settings.publisher.max_in_flight_bytes = configuration.bytes("gateway.max_in_flight_bytes");
  settings.producer.delivery_timeout = milliseconds("gateway.delivery_timeout");
  settings.producer.queue_max_bytes = settings.publisher.max_in_flight_bytes + (1UL << 20U);
  // The linger delays every answer, so it is short; requests that come at the same time still share a batch.
  settings.producer.linger = Milliseconds{1};

  settings.keys.cache.grace = milliseconds("gateway.key_grace");
  settings.intake.body.max_batch_bytes = settings.http.max_body_bytes;
  settings.intake.body.max_batch_events = static_cast<std::size_t>(configuration.integer("gateway.max_batch_events"));
  settings.intake.judge.max_event_bytes = configuration.bytes("gateway.max_event_bytes");
  settings.intake.judge.max_age = configuration.duration("gateway.max_age");
  settings.intake.judge.max_future = configuration.duration("gateway.max_future");
  settings.intake.judge.type_rates = WEIR_TRY(type_rates(configuration));
  settings.intake.stranger_rate = {configuration.integer("gateway.stranger_requests"), configuration.duration("gateway.stranger_window")};
  settings.tokens = WEIR_TRY(token_options(configuration));
  settings.intake.token_rights = {configuration.list("gateway.token_types"),
                                  {configuration.integer("gateway.token_events_per_hour"), std::chrono::hours{1}}};
  settings.streams.max_streams = static_cast<std::size_t>(configuration.integer("gateway.max_streams"));
  settings.streams.max_of_user = static_cast<std::size_t>(configuration.integer("gateway.max_user_streams"));
  settings.callbacks = WEIR_TRY(callback_options(configuration));
  settings.callbacks_topic = configuration.text("gateway.callbacks_topic");
  settings.feed_threads = static_cast<int>(configuration.integer("gateway.feed_threads"));
  settings.service.cors_origins = configuration.list("gateway.cors_origins");
  return settings;
}

}  // namespace weir::gateway
