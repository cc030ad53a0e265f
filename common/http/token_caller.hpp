// Calls that need a token. The token is fetched by a call of its own, kept, and sent as `Authorization: Bearer …` until shortly before it
// runs out. Calls that need it meanwhile wait for it within their own timeout.
#pragma once

#include "common/http/caller.hpp"

#include <memory>
#include <optional>
#include <string>

namespace weir::http {

struct Token {
  std::string text;
  Seconds good_for{0};
};

/// Describes how a token is asked for and how the answer is read; the caller carries the request out. Pure.
class TokenSource {
 public:
  TokenSource() = default;
  TokenSource(const TokenSource&) = delete;
  TokenSource& operator=(const TokenSource&) = delete;
  virtual ~TokenSource() = default;
  /// Calls whose sources have the same name share a token.
  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual Call request(Instant now) const = 0;
  /// The token that an answer to the request brings; nothing where it brings none.
  [[nodiscard]] virtual std::optional<Token> read(const Answer& answer) const = 0;
};

/// Carries calls out by `inner`. A call whose token cannot be had ends with the receiver untouched. A token that its receiver answers with
/// 401 is not used again.
[[nodiscard]] std::unique_ptr<Caller> make_token_caller(std::unique_ptr<Caller> inner, const Clock& clock);

}  // namespace weir::http
