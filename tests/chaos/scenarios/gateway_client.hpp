// A client of the gateway in a scenario: its key, and posts of which the whole answer is looked at.
#pragma once

#include "demo/clients/http_client.hpp"
#include "tests/chaos/harness/ground.hpp"
#include "tests/chaos/harness/journal.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace weir::chaos {

/// Of a new organization, without limits; it may post user.action. A failure ends the test.
[[nodiscard]] std::string make_gateway_key(const Ground& ground);

class Visitor {
 public:
  /// Posts the events of `key_of_events`, one at a time; those that are answered with 202 go into the journal.
  Visitor(int gateway_port, const std::string& api_key, std::int64_t key_of_events, Journal& journal);

  /// Posts the next event, once, and answers the status; 0: no answer came. Anything but 202 and a 503 as it has to be (problem details,
  /// a whole number of seconds in Retry-After) fails the test.
  int post();
  /// How often it was told 503 with this code.
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
