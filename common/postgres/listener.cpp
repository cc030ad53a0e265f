#include "common/postgres/listener.hpp"

#include <poll.h>

#include <cerrno>
#include <memory>

namespace weir::postgres {

Result<Listener> Listener::open(const Settings& settings, const std::string& channel) {
  auto connection = WEIR_TRY(Connection::open(settings));
  WEIR_TRY(connection.script("LISTEN " + channel));
  return Listener(std::move(connection), channel);
}

Result<std::vector<std::string>> Listener::wait(Milliseconds patience) {
  // A notice that came with the answer to check() makes the socket readable no more.
  if (auto heard = take_notices(); !heard.empty()) return heard;
  PGconn* const session = connection_.raw();
  pollfd waiting{.fd = PQsocket(session), .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, static_cast<int>(patience.count())) < 0 && errno != EINTR)
    return fail(FaultKind::kIo, "cannot wait for notices of Postgres");
  if (PQconsumeInput(session) != 1) return fail(fault_of(session, "listening on " + channel_));
  return take_notices();
}

Result<void> Listener::check() {
  WEIR_TRY(connection_.script("SELECT 1"));
  return {};
}

std::vector<std::string> Listener::take_notices() {
  std::vector<std::string> heard;
  while (true) {
    const std::unique_ptr<PGnotify, decltype(&PQfreemem)> notice(PQnotifies(connection_.raw()), &PQfreemem);
    if (!notice) return heard;
    heard.emplace_back(notice->extra);
  }
}

}  // namespace weir::postgres
