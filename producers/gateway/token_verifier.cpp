#include "producers/gateway/token_verifier.hpp"

#include <sys/stat.h>

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace weir::gateway {

namespace {

constexpr Seconds kBetweenReads{1};
constexpr std::streamsize kMostBytes = 1 << 20;

/// Differs whenever the file was written or replaced; "" where there is none.
std::string stamp_of(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return {};
  return fmt::format("{} {} {} {}.{} {}.{}", facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec,
                     facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec);
}

Result<std::string> text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(FaultKind::kIo, fmt::format("cannot read {}: {}", path, std::strerror(errno)), "see gateway.jwks_file");
  std::string text(static_cast<std::size_t>(kMostBytes), '\0');
  file.read(text.data(), kMostBytes);
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace

Result<std::unique_ptr<TokenVerifier>> TokenVerifier::open(TokenOptions options, const Clock& clock, telemetry::Log& log) {
  std::unique_ptr<TokenVerifier> verifier(new TokenVerifier(std::move(options), clock, log));
  verifier->stamp_ = stamp_of(verifier->options_.path);
  WEIR_TRY(verifier->load());
  return verifier;
}

tl::expected<Identity, TokenRefusal> TokenVerifier::verify(std::string_view token) {
  auto verdict = verify_token(token, *keys(), options_.rules, clock_.now());
  if (verdict || !verdict.error().unknown_key || !may_read_again()) return verdict;
  refresh();
  return verify_token(token, *keys(), options_.rules, clock_.now());
}

void TokenVerifier::refresh() {
  const std::string stamp = stamp_of(options_.path);
  {
    const std::lock_guard lock(mutex_);
    if (stamp == stamp_) return;
    stamp_ = stamp;
  }
  if (const auto loaded = load(); !loaded) log_.fault("token_keys_not_read", loaded.error());
}

Result<void> TokenVerifier::load() {
  const std::string text = WEIR_TRY(text_of(options_.path));
  auto keys = std::make_shared<const TokenKeys>(WEIR_TRY(read_token_keys(text, options_.allow_hs256)));
  log_.info("token_keys_read", {{"file", options_.path}, {"keys", keys->size()}});
  const std::lock_guard lock(mutex_);
  keys_ = std::move(keys);
  return {};
}

std::shared_ptr<const TokenKeys> TokenVerifier::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

bool TokenVerifier::may_read_again() {
  const SteadyInstant now = clock_.steady();
  const std::lock_guard lock(mutex_);
  if (read_again_at_ && now - *read_again_at_ < kBetweenReads) return false;
  read_again_at_ = now;
  return true;
}

}  // namespace weir::gateway
