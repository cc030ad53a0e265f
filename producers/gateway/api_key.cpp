// Making, hashing and finding API keys.
#include "producers/gateway/api_key.hpp"

#include "common/core/base64.hpp"
#include "common/core/digest.hpp"
#include "common/core/result.hpp"
#include "common/core/text.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <cstring>

namespace weir::gateway {

namespace {

constexpr std::string_view kPrefix = "weir_";
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kEncoded = 43;  // ceil(32 × 8 / 6)
constexpr std::size_t kShown = 12;    // of the key, its "weir_" included

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// Three parts with dots between. Whether they are a token, its verification says.
bool is_token(std::string_view text) { return std::ranges::count(text, '.') == 2; }

}  // namespace

std::size_t KeyHashHash::operator()(const KeyHash& hash) const noexcept {
  std::size_t out = 0;
  std::memcpy(&out, hash.data(), sizeof out);
  return out;
}

std::string new_key() {
  std::string bytes(kRandomBytes, '\0');
  WEIR_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) == 1);
  return std::string(kPrefix) + base64url(bytes);
}

bool is_key(std::string_view text) {
  if (!text.starts_with(kPrefix)) return false;
  const std::string_view rest = text.substr(kPrefix.size());
  return rest.size() == kEncoded && rest.find_first_not_of(kAlphabet) == std::string_view::npos;
}

KeyHash hash_key(std::string_view key) { return sha256(key); }

std::string key_prefix(std::string_view key) { return std::string(key.substr(0, kShown)); }

Credential credential_of(const http::Request& request) {
  std::string_view key = trimmed(request.header("x-api-key"));
  const std::string_view authorization = trimmed(request.header("authorization"));
  if (!authorization.empty()) {
    const std::size_t space = authorization.find(' ');
    const std::string_view token = space == std::string_view::npos ? std::string_view{} : trimmed(authorization.substr(space));
    if (lower(authorization.substr(0, space)) != "bearer") return "The Authorization header must read: Bearer weir_… or Bearer <token>.";
    if (!key.empty() && key != token) return "Authorization and X-API-Key carry different keys; send one of them.";
    if (is_token(token)) return BearerToken{std::string(token)};
    key = token;
  }
  if (key.empty()) return "Send an API key or a token: Authorization: Bearer weir_…, X-API-Key: weir_… or Authorization: Bearer <token>.";
  if (!is_key(key)) return "This is not an API key of weir: those begin with weir_ and have 43 characters more.";
  return hash_key(key);
}

}  // namespace weir::gateway
