// Who is logged in: a session for each login, known by a cookie. Thread-safe.
#pragma once

#include "common/core/rate_limit.hpp"
#include "operations/console/operators.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace weir::console {

struct Session {
  std::string id;  // that of its cookie, hashed: what plans belong to
  std::string name;
  Instant expires_at{};
  std::string token_hash{};  // of the token that it was begun with
};

class Sessions {
 public:
  explicit Sessions(const Clock& clock) : clock_(clock) {}

  /// When the next wrong token of a peer may come; none: now. Few are taken a minute, so that tokens cannot be tried out; those of one
  /// address keep nobody out who comes from another.
  [[nodiscard]] std::optional<Seconds> refused_for(const std::string& peer);
  void note_wrong_token(const std::string& peer);
  struct Begun {
    Session session;
    std::string cookie;  // the value
  };
  [[nodiscard]] Begun begin(const std::string& name, const std::string& token_hash);
  /// The session of a Cookie header, which is used by this; none: it has none, or it is over.
  [[nodiscard]] std::optional<Session> of(std::string_view cookies);
  void end(std::string_view cookies);

 private:
  struct Kept {
    Session session;
    Instant used_at{};
  };
  void forget_old(Instant now);

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Kept> kept_;                    // by the hash of the cookie's value
  std::map<std::string, SteadyInstant> wrong_full_at_;  // by peer; a bucket that is full again is as none
};

/// The value of the console's cookie in a Cookie header; empty where there is none. Pure.
[[nodiscard]] std::string_view cookie_of(std::string_view cookies);
/// The Set-Cookie header of a value; an empty one ends the cookie. `is_secure`: the page came by TLS, and so must the cookie. Pure.
[[nodiscard]] std::string set_cookie(std::string_view value, bool is_secure);

}  // namespace weir::console
