// A client of the gateway in a scenario: its API key, and posts whose whole answer is checked.
#pragma once

#include "demo/clients/http_client.hpp"
#include "tests/chaos/harness/ground.hpp"
#include "tests/chaos/harness/journal.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace weir::chaos {

/// Makes an API key of a new organization, without limits, that may post user.action. A failure ends the test.
[[nodiscard]] std::string make_gateway_key(const Ground& ground);

class Visitor {
 public:
  /// Posts the events of `key_of_events`, one at a time; those that are answered with 202 go into the journal.
  Visitor(int gateway_port, const std::string& api_key, std::int64_t key_of_events, Journal& journal);

  /// Posts the next event once, and gives the status; 0: no answer came. An answer fails the test unless it is 202, or a 503 with problem
  /// details and a whole number of seconds in Retry-After.
  int post();
  /// How often the gateway answered 503 with this code.
  [[nodiscard]] std::int64_t refusals(const std::string& code) const;

 private:
  void refused(const demo::HttpAnswer& answer);

  demo::HttpClient client_;
  demo::HttpClient::Headers headers_;
  NumberedEvent next_;
  Journal& journal_;
  std::map<std::string, std::int64_t> refusals_;
};

}  // namespace weir::chaos
