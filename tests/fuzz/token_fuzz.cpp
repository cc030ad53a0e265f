// Any bytes as a token, as the header and the claims of a token that is signed well, and as a key set. Without the key nobody makes a token
// that is taken, and what is taken says who sends it and has not expired.
#include "tests/fuzz/token_example.hpp"

#include "common/core/base64.hpp"
#include "common/core/digest.hpp"
#include "producers/gateway/token.hpp"

#include <cstddef>
#include <cstdint>

using namespace weir;
using namespace weir::gateway;

namespace {

constexpr std::string_view kSecret = "a secret that has 32 bytes, or more";
constexpr Instant kNow{std::chrono::seconds{1'800'000'000}};

TokenKeys keys() { return *read_token_keys(R"({"keys":[{"kty":"oct","kid":"k","k":")" + base64url(kSecret) + R"("}]})", true); }

TokenRules rules() {
  TokenRules rules;
  rules.issuer = "https://login.example";
  rules.audience = "weir";
  return rules;
}

/// Whether a token of the header and the claims is taken.
bool is_taken(std::string_view header, std::string_view claims, const TokenKeys& known, const TokenRules& asked) {
  const std::string covered = base64url(header) + "." + base64url(claims);
  const std::string token = covered + "." + base64url(hmac_sha256(kSecret, covered));
  const auto verdict = verify_token(token, known, asked, kNow);
  WEIR_ASSERT(verdict.has_value() || !verdict.error().why.empty());
  WEIR_ASSERT(!verdict || token.size() <= kMaxTokenBytes);
  WEIR_ASSERT(!verdict || verdict->expires_at + asked.leeway > kNow);
  return verdict.has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TokenKeys known = keys();
  static const TokenRules asked = rules();
  static const bool is_example_taken = is_taken(testing::kTokenHeader, testing::kTokenClaims, known, asked);
  WEIR_ASSERT(is_example_taken);
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  WEIR_ASSERT(!verify_token(bytes, known, asked, kNow));
  if (const std::size_t end = bytes.find('\n'); end != std::string::npos) {
    static_cast<void>(is_taken(bytes.substr(0, end), bytes.substr(end + 1), known, asked));
  }
  const auto read = read_token_keys(bytes, true);
  WEIR_ASSERT(!read || !read->empty());
  return 0;
}
