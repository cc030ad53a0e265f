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
  /// A browser keeps one cookie of a name for all ports of a host, so that each console has a name of its own.
  explicit Sessions(const Clock& clock) : Sessions(clock, own_cookie_name()) {}
  Sessions(const Clock& clock, std::string cookie_name) : clock_(clock), cookie_name_(std::move(cookie_name)) {}

  /// When the next wrong token of a peer is told that it is wrong; none: now.
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
  [[nodiscard]] const std::string& cookie_name() const { return cookie_name_; }

 private:
  struct Kept {
    Session session;
    Instant used_at{};
  };
  [[nodiscard]] static std::string own_cookie_name();
  void forget_old(Instant now);

  const Clock& clock_;
  const std::string cookie_name_;
  std::mutex mutex_;
  std::map<std::string, Kept> kept_;                    // by the hash of the cookie's value
  std::map<std::string, SteadyInstant> wrong_full_at_;  // by peer; a bucket that is full again is as none
};

/// The value of the cookie of this name in a Cookie header; empty where there is none. Pure.
[[nodiscard]] std::string_view cookie_of(std::string_view cookies, std::string_view name);
/// The Set-Cookie header of a value; an empty one ends the cookie. `is_secure`: the page came by TLS, and so must the cookie. Pure.
[[nodiscard]] std::string set_cookie(std::string_view name, std::string_view value, bool is_secure);

}  // namespace weir::console
