#include "demo/receivers/mail_receiver.hpp"

#include "common/core/text.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <optional>
#include <string_view>

namespace weir::demo {
namespace {

constexpr std::size_t kMostPending = 1UL << 20U;

/// Lines of a connection, in the clear at first and by TLS once both sides have agreed on it.
class Wire {
 public:
  explicit Wire(int socket) : socket_(socket) {}

  /// Without its end; none once the connection has ended.
  std::optional<std::string> line() {
    std::size_t end = 0;
    while ((end = pending_.find("\r\n")) == std::string::npos) {
      std::array<char, 4096> buffer{};
      const auto room = buffer.size();
      const auto got = tls_ ? SSL_read(tls_.get(), buffer.data(), static_cast<int>(room)) : ::recv(socket_, buffer.data(), room, 0);
      if (got <= 0 || pending_.size() > kMostPending) return std::nullopt;
      pending_.append(buffer.data(), static_cast<std::size_t>(got));
    }
    std::string found = pending_.substr(0, end);
    pending_.erase(0, end + 2);
    return found;
  }
  bool say(std::string_view reply) {
    const std::string text = std::string(reply) + "\r\n";
    const auto size = static_cast<ssize_t>(text.size());
    return (tls_ ? SSL_write(tls_.get(), text.data(), static_cast<int>(size)) : ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL)) ==
           size;
  }
  /// What the client sent before the handshake is forgotten: somebody else may have put it there.
  bool secure(SSL_CTX* context) {
    pending_.clear();
    tls_.reset(SSL_new(context));
    return tls_ && SSL_set_fd(tls_.get(), socket_) == 1 && SSL_accept(tls_.get()) == 1;
  }
  [[nodiscard]] bool is_secure() const { return tls_ != nullptr; }

 private:
  int socket_;
  std::string pending_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, SSL_free};
};

/// A mail's text, up to the line of a single dot; a dot that begins a line was doubled on its way.
std::optional<std::string> read_mail(Wire& wire) {
  std::string mail;
  while (auto line = wire.line()) {
    if (*line == ".") return mail;
    if (line->starts_with('.')) line->erase(0, 1);
    mail += *line + "\r\n";
    if (mail.size() > kMostPending) return std::nullopt;
  }
  return std::nullopt;
}

bool take_mail(Wire& wire, const MailTaker& take) {
  if (!wire.say("354 go on")) return false;
  const auto mail = read_mail(wire);
  return mail && wire.say(std::to_string(take(*mail)) + " as the demo's script says");
}

}  // namespace

void serve_mail(int socket, SSL_CTX* context, const MailTaker& take) {
  Wire wire(socket);
  bool goes_on = wire.say("220 demo");
  while (goes_on) {
    const auto line = wire.line();
    if (!line) return;
    const std::string verb = lower(line->substr(0, line->find(' ')));
    if (verb == "ehlo") {
      goes_on = wire.say(wire.is_secure() ? "250 demo" : "250-demo\r\n250 STARTTLS");
    } else if (verb == "starttls") {
      goes_on = wire.say("220 go on") && wire.secure(context);
    } else if (verb == "quit") {
      static_cast<void>(wire.say("221 demo"));
      return;
    } else if (verb == "mail" || verb == "rcpt" || verb == "rset" || verb == "noop") {
      goes_on = wire.say(wire.is_secure() ? "250 ok" : "530 STARTTLS first");
    } else if (verb == "data" && wire.is_secure()) {
      goes_on = take_mail(wire, take);
    } else {
      goes_on = wire.say("502 not here");
    }
  }
}

}  // namespace weir::demo
