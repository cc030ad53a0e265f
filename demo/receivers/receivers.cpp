#include "demo/receivers/receivers.hpp"

#include "demo/receivers/certificate.hpp"
#include "demo/receivers/mail_receiver.hpp"

#include <fmt/format.h>

namespace weir::demo {
namespace {

constexpr int kNotFound = 404;
constexpr int kUnauthorized = 401;

}  // namespace

Result<std::unique_ptr<Receivers>> Receivers::start(const std::filesystem::path& folder, const Clock& clock) {
  const std::filesystem::path certificate = folder / "receivers.pem";
  auto context = WEIR_TRY(make_server_context(certificate));
  std::unique_ptr<Receivers> receivers(new Receivers(certificate, std::move(context), clock));
  WEIR_TRY(receivers->listen());
  return receivers;
}

Receivers::Receivers(std::filesystem::path certificate, std::shared_ptr<SSL_CTX> context, const Clock& clock)
    : certificate_(std::move(certificate)), context_(std::move(context)), clock_(clock) {
  for (const Provider provider : {Provider::kPusher, Provider::kSendgrid, Provider::kSmtp, Provider::kWebhook}) {
    scripts_.emplace(provider, provider);
  }
}

Result<void> Receivers::listen() {
  http_ = WEIR_TRY(Listener::open([this](int socket) { serve_http(socket, [this](const Request& request) { return answer(request); }); }));
  mail_ = WEIR_TRY(Listener::open(
      [this](int socket) { serve_mail(socket, context_.get(), [this](const std::string& mail) { return take_mail(mail); }); }));
  return {};
}

// Calls may take a second only, so that the silences of the script do not make the demo longer.
std::string Receivers::configuration() const {
  return fmt::format(
      R"(    ca_file: {certificate}
    pusher: {{url: "http://127.0.0.1:{http}", app_id: {app}, key: {pusher_key}, secret: {pusher_secret}, timeout: 1s}}
    sendgrid: {{url: "http://127.0.0.1:{http}", key: {sendgrid_key}, from: weir@demo.invalid, timeout: 1s}}
    smtp: {{url: "smtp://127.0.0.1:{mail}", from: weir@demo.invalid}}
    webhook: {{allow: [127.0.0.1], timeout: 1s}}
)",
      fmt::arg("certificate", certificate_.string()), fmt::arg("http", http_->port()), fmt::arg("mail", mail_->port()),
      fmt::arg("app", kPusherApp), fmt::arg("pusher_key", kPusherKey), fmt::arg("pusher_secret", kPusherSecret),
      fmt::arg("sendgrid_key", kSendgridKey));
}

std::string Receivers::endpoints() const { return fmt::format("http://127.0.0.1:{}/hook/", http_->port()); }

std::vector<GivenArrival> Receivers::arrivals() const {
  const std::lock_guard lock(mutex_);
  return arrivals_;
}

Behaviour Receivers::keep(const Reading& reading) {
  const std::lock_guard lock(mutex_);
  const Behaviour behaviour = scripts_.at(reading.provider).next(clock_.steady());
  for (const auto& message : reading.messages) {
    arrivals_.push_back({std::string(name_of(reading.provider)), message, behaviour.status, reading.fault});
  }
  return behaviour;
}

std::optional<Reply> Receivers::answer(const Request& request) {
  const auto reading = read(request);
  if (!reading) return Reply{.status = kNotFound};
  const Behaviour behaviour = keep(*reading);
  if (!reading->fault.empty()) return Reply{.status = kUnauthorized};
  if (behaviour.status == 0) return std::nullopt;
  Reply reply{.status = behaviour.status};
  if (behaviour.retry_after) reply.headers["Retry-After"] = std::to_string(behaviour.retry_after->count());
  if (!reading->challenge.empty()) reply.body = fmt::format(R"({{"challenge": "{}"}})", reading->challenge);
  return reply;
}

int Receivers::take_mail(const std::string& mail) {
  Reading reading{.provider = Provider::kSmtp, .messages = {message_of_mail(mail)}};
  if (!reading.messages.front()) reading.fault = "a mail without the id of a message";
  return keep(reading).status;
}

}  // namespace weir::demo
