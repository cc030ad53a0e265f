// Verifies tokens with the keys of a file, which is read again when it changes, so that keys are rotated while the gateway runs.
#pragma once

#include "common/telemetry/log.hpp"
#include "producers/gateway/token.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace weir::gateway {

struct TokenOptions {
  std::string path;  // of the key set; "": no token is accepted
  bool allow_hs256 = false;
  TokenRules rules;
};

/// Thread-safe.
class TokenVerifier {
 public:
  /// Fault kConfiguration or kIo where the file cannot be read, or holds no key.
  [[nodiscard]] static Result<std::unique_ptr<TokenVerifier>> open(TokenOptions options, const Clock& clock, telemetry::Log& log);

  /// A token whose key is not known makes the file be read again, at most once a second.
  [[nodiscard]] tl::expected<Identity, TokenRefusal> verify(std::string_view token);
  /// Reads the file again where it is another than before. A file that cannot be used is logged, and the keys stay those that were.
  void refresh();

 private:
  TokenVerifier(TokenOptions options, const Clock& clock, telemetry::Log& log) : options_(std::move(options)), clock_(clock), log_(log) {}
  [[nodiscard]] Result<void> load();
  [[nodiscard]] std::shared_ptr<const TokenKeys> keys() const;
  [[nodiscard]] bool may_read_again();

  TokenOptions options_;
  const Clock& clock_;
  telemetry::Log& log_;
  mutable std::mutex mutex_;
  std::shared_ptr<const TokenKeys> keys_;
  std::string stamp_;  // of the file that was read last: its device, inode, size and times
  std::optional<SteadyInstant> read_again_at_;
};

}  // namespace weir::gateway
