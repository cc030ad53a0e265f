#include "operations/console/sessions.hpp"

#include "common/core/digest.hpp"
#include "common/core/uuid.hpp"

#include <algorithm>

namespace weir::console {

namespace {

constexpr std::chrono::hours kLongest{12};
constexpr std::chrono::hours kUnused{1};
constexpr Rate kWrongTokens{10, Seconds{60}};
constexpr std::size_t kMostSessions = 1'000;
constexpr std::size_t kMostPeers = 1'000;

std::string key_of(std::string_view value) { return hex(sha256(value)); }

}  // namespace

std::string_view cookie_of(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    const std::size_t end = std::min(cookies.find(';'), cookies.size());
    std::string_view one = cookies.substr(0, end);
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=') return one.substr(name.size() + 1);
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
  }
  return {};
}

std::string set_cookie(std::string_view name, std::string_view value, bool is_secure) {
  std::string header = std::string(name) + "=" + std::string(value) + "; HttpOnly; SameSite=Strict; Path=/";
  if (is_secure) header += "; Secure";
  if (value.empty()) header += "; Max-Age=0";
  return header;
}

/// Of a start, not of a port: consoles of two machines may be reached by one host, through a proxy or forwarded ports, and listen on the
/// same one. Sessions do not outlive the process either.
std::string Sessions::own_cookie_name() { return "weir_console_" + Uuid::random().text().substr(0, 8); }

std::optional<Seconds> Sessions::refused_for(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  const auto known = wrong_full_at_.find(peer);
  SteadyInstant full_at = known == wrong_full_at_.end() ? SteadyInstant{} : known->second;
  const RateDecision decision = take(full_at, kWrongTokens, clock_.steady());
  if (decision.allowed) return std::nullopt;
  return std::chrono::ceil<Seconds>(decision.retry_after);
}

/// Of too many peers the one whose bucket is the fullest is forgotten.
void Sessions::note_wrong_token(const std::string& peer) {
  const std::lock_guard lock(mutex_);
  std::erase_if(wrong_full_at_, [now = clock_.steady()](const auto& one) { return one.second <= now; });
  if (wrong_full_at_.size() >= kMostPeers && !wrong_full_at_.contains(peer)) {
    wrong_full_at_.erase(std::ranges::min_element(wrong_full_at_, {}, [](const auto& one) { return one.second; }));
  }
  static_cast<void>(take(wrong_full_at_[peer], kWrongTokens, clock_.steady()));
}

Sessions::Begun Sessions::begin(const std::string& name, const std::string& token_hash) {
  const std::string value = Uuid::random().text() + Uuid::random().text();
  const std::lock_guard lock(mutex_);
  const Instant now = clock_.now();
  forget_old(now);
  Session session{key_of(value), name, now + kLongest, token_hash};
  kept_[session.id] = {session, now};
  return {std::move(session), value};
}

std::optional<Session> Sessions::of(std::string_view cookies) {
  const std::string_view value = cookie_of(cookies, cookie_name_);
  if (value.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(key_of(value));
  if (found == kept_.end()) return std::nullopt;
  const Instant now = clock_.now();
  if (found->second.session.expires_at <= now || found->second.used_at + kUnused <= now) {
    kept_.erase(found);
    return std::nullopt;
  }
  found->second.used_at = now;
  return found->second.session;
}

void Sessions::end(std::string_view cookies) {
  const std::lock_guard lock(mutex_);
  kept_.erase(key_of(cookie_of(cookies, cookie_name_)));
}

/// Whoever logs in ends what is over; of too many the one that is used least goes.
void Sessions::forget_old(Instant now) {
  std::erase_if(kept_, [now](const auto& one) { return one.second.session.expires_at <= now || one.second.used_at + kUnused <= now; });
  if (kept_.size() < kMostSessions) return;
  kept_.erase(
      std::min_element(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) { return a.second.used_at < b.second.used_at; }));
}

}  // namespace weir::console
