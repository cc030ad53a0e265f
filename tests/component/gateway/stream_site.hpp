// A gateway with a key set over a real Postgres, users, and whoever writes their messages.
#pragma once

#include "tests/component/gateway/fixture.hpp"
#include "tests/component/gateway/stream_client.hpp"
#include "tests/unit/gateway/token_files.hpp"

#include <vector>

namespace weir::testing {

class StreamSite {
 public:
  explicit StreamSite(Flags flags = {}) : gateway_(with_keys(std::move(flags))), writer_(gateway_.connect()) {}

  [[nodiscard]] RunningGateway& gateway() { return gateway_; }
  [[nodiscard]] int port() const { return gateway_.log.port(); }
  [[nodiscard]] postgres::Connection& writer() { return writer_; }
  [[nodiscard]] const SigningKey& key() const { return key_; }
  [[nodiscard]] const KeyFile& file() const { return file_; }

  std::string user(const std::string& role = "student") {
    const std::string id = Uuid::random().text();
    const auto made = writer_.script(fmt::format(
        "INSERT INTO users (id, organization_id, email, role) VALUES ('{}', '{}', '{}@x.example', '{}')", id, kTestOrganization, id, role));
    REQUIRE_MESSAGE(made.has_value(), made.error().line());
    return id;
  }
  [[nodiscard]] std::string token(const std::string& user, const std::string& role = "student", Seconds lives = Seconds{3'600}) const {
    return token_by(key_, user, role, lives);
  }
  [[nodiscard]] std::string token_by(const SigningKey& key, const std::string& user, const std::string& role = "student",
                                     Seconds lives = Seconds{3'600}) const {
    return key.token(claims_of(user, kTestOrganization, gateway_.clock.now() + lives, fmt::format(R"(,"user_role":"{}")", role)));
  }
  [[nodiscard]] StreamClient open(const std::string& token, const std::string& last_event = {}) const {
    StreamClient client(port(), token, last_event);
    REQUIRE(client.opened(kSoon));
    return client;
  }

  /// A message to each of the users, and the notice that names them, in the transaction of `connection`, if it has begun one.
  static std::vector<std::string> send(postgres::Connection& connection, const std::vector<std::string>& users) {
    const std::string insert = R"(
WITH made AS (
  INSERT INTO public.notifications (organization_id, id, user_id, template_key, channel, status, body, expires_at)
  SELECT $1::text::uuid, gen_random_uuid(), receiver::uuid, 'task.completed', 'in_app', 'delivered', receiver, now() + interval '1 day'
    FROM unnest($2::text[]) receiver
  RETURNING id, user_id)
SELECT id, pg_notify('weir_feed', user_id::text) FROM made
)";
    const auto rows = connection.query("send", insert, postgres::Params().add(kTestOrganization).add_array(std::span(users)));
    REQUIRE_MESSAGE(rows.has_value(), rows.error().line());
    std::vector<std::string> ids;
    for (std::size_t row = 0; row < rows->size(); ++row) ids.emplace_back((*rows)[row].text(0));
    return ids;
  }
  std::vector<std::string> send(const std::vector<std::string>& users) { return send(writer_, users); }

  /// The answer to a request with a token.
  [[nodiscard]] std::string ask(const std::string& token, const std::string& line) const {
    RawClient client(port());
    client.send(line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + token + "\r\nContent-Length: 0\r\n\r\n");
    return client.response();
  }

 private:
  Flags with_keys(Flags flags) {
    file_.write(key_set({key_.jwk()}));
    flags.insert({{"gateway.jwks_file", file_.path()},
                  {"gateway.token_issuer", "https://login.example"},
                  {"gateway.token_audience", "weir"},
                  {"gateway.stranger_requests", "0"}});
    return flags;
  }

  KeyFile file_;
  SigningKey key_{"first", gateway::TokenAlgorithm::kEdDsa};
  RunningGateway gateway_;
  postgres::Connection writer_;
};

}  // namespace weir::testing
