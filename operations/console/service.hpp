// Routes the console's requests. Every request is first held against the console's own names (Host, Origin), and every answer passes one
// function, which adds the headers by which a browser guards the page.
#pragma once

#include "common/telemetry/log.hpp"
#include "operations/console/actions_api.hpp"
#include "operations/console/hosts.hpp"
#include "operations/console/questions.hpp"
#include "operations/console/sessions.hpp"
#include "operations/console/tails.hpp"
#include "operations/console/viewers.hpp"

#include <functional>
#include <string>

namespace weir::console {

struct ServiceOptions {
  std::string tokens_file;  // empty: nobody can log in
};

/// Thread-safe. The objects that it is given must outlive it and all requests in hand.
class Service {
 public:
  /// `topics` gives the names of those that can be tailed.
  Service(ServiceOptions options, Hosts hosts, Questions& questions, Viewers& viewers, Tails& tails, ActionsApi& actions,
          Sessions& sessions, std::function<std::vector<std::string>()> topics, const Clock& clock, telemetry::Log& log)
      : options_(std::move(options)),
        hosts_(std::move(hosts)),
        questions_(questions),
        viewers_(viewers),
        tails_(tails),
        actions_(actions),
        sessions_(sessions),
        topics_(std::move(topics)),
        clock_(clock),
        log_(log) {}

  void handle(const http::Request& request, const http::Responder& respond);

 private:
  void get(const http::Request& request, const http::Responder& respond);
  void post(const http::Request& request, const http::Responder& respond);
  void look(const http::Request& request, const http::Responder& respond);
  [[nodiscard]] std::optional<http::Response> refused(const http::Request& request) const;
  [[nodiscard]] http::Response stream(const http::Request& request);
  [[nodiscard]] http::Response tail(const http::Request& request);
  [[nodiscard]] http::Response session_answer(const std::optional<Session>& session) const;
  [[nodiscard]] http::Response log_in(const http::Request& request);
  [[nodiscard]] http::Response log_out(const http::Request& request);
  void act(const http::Request& request, const http::Responder& respond);
  /// The session of a request, where its operator still stands in the tokens file.
  [[nodiscard]] Result<std::optional<Session>> session_of(const http::Request& request);

  const ServiceOptions options_;
  const Hosts hosts_;
  Questions& questions_;
  Viewers& viewers_;
  Tails& tails_;
  ActionsApi& actions_;
  Sessions& sessions_;
  const std::function<std::vector<std::string>()> topics_;
  const Clock& clock_;
  telemetry::Log& log_;
};

/// The operators of a tokens file, read anew, so that a token that was taken out of it is of no use any more.
[[nodiscard]] Result<std::vector<Operator>> read_operators(const std::string& path);

}  // namespace weir::console
