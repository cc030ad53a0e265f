#include "common/postgres/listener.hpp"

#include <poll.h>

#include <cerrno>

namespace weir::postgres {

Result<Listener> Listener::open(const Settings& settings, const std::string& channel) {
  auto connection = WEIR_TRY(Connection::open(settings));
  WEIR_TRY(connection.script("LISTEN " + channel));
  return Listener(std::move(connection));
}

Result<bool> Listener::wait(Milliseconds patience) {
  PGconn* const session = connection_.raw();
  pollfd waiting{.fd = PQsocket(session), .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, static_cast<int>(patience.count())) < 0 && errno != EINTR)
    return fail(FaultKind::kIo, "cannot wait for notices of Postgres");
  if (PQconsumeInput(session) != 1) return fail(fault_of(session, "listening"));
  bool has_heard = false;
  while (PGnotify* notice = PQnotifies(session)) {
    PQfreemem(notice);
    has_heard = true;
  }
  return has_heard;
}

}  // namespace weir::postgres
