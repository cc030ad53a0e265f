// The other side of weir's providers on this machine: Pusher, SendGrid, a mail server and webhooks' endpoints. They misbehave by the script
// of the demo, and keep what came for the verification.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "demo/clients/given_arrivals.hpp"
#include "demo/receivers/http_receiver.hpp"
#include "demo/receivers/listener.hpp"

#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace weir::demo {

class Receivers {
 public:
  /// `folder` gets the certificate of the mail server.
  [[nodiscard]] static Result<std::unique_ptr<Receivers>> start(const std::filesystem::path& folder, const Clock& clock);
  Receivers(const Receivers&) = delete;
  Receivers& operator=(const Receivers&) = delete;

  /// Lines of YAML below consumers.notifications by which weir calls them.
  [[nodiscard]] std::string configuration() const;
  /// The URL that webhooks' endpoints begin with; any path behind it is an endpoint of its own.
  [[nodiscard]] std::string endpoints() const;
  /// In the order in which the messages came.
  [[nodiscard]] std::vector<GivenArrival> arrivals() const;

 private:
  Receivers(std::filesystem::path certificate, std::shared_ptr<SSL_CTX> context, const Clock& clock);
  Result<void> listen();
  [[nodiscard]] std::optional<Reply> answer(const Request& request);
  [[nodiscard]] int take_mail(const std::string& mail);
  /// Keeps a call's messages, and says how to answer.
  Behaviour keep(const Reading& reading);

  std::filesystem::path certificate_;
  std::shared_ptr<SSL_CTX> context_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards the arrivals and the scripts
  std::vector<GivenArrival> arrivals_;
  std::map<Provider, Script> scripts_;
  // Last, because their threads use all above.
  std::unique_ptr<Listener> http_;
  std::unique_ptr<Listener> mail_;
};

}  // namespace weir::demo
