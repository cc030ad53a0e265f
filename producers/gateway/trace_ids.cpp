// The generator comes from D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators" (2021).
#include "producers/gateway/trace_ids.hpp"

#include "common/core/result.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <bit>

namespace weir::gateway {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kSpanAt = 36;
constexpr std::size_t kDigits = 16;

void put_hex(std::uint64_t number, std::string& out, std::size_t at) {
  for (std::size_t i = 0; i < kDigits; ++i) {
    out[at + i] = kHex[number >> 60U];
    number <<= 4U;
  }
}

}  // namespace

TraceIds::TraceIds() {
  // From a state of zeros the generator would give only zeros.
  while (std::ranges::all_of(state_, [](std::uint64_t word) { return word == 0; })) {
    WEIR_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(state_.data()), sizeof state_) == 1);
  }
}

std::uint64_t TraceIds::draw() {
  const std::uint64_t drawn = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return drawn;
}

std::string TraceIds::next() {
  std::string text = "00-00000000000000000000000000000000-0000000000000000-01";
  std::array<std::uint64_t, 3> words{};
  {
    const std::lock_guard lock(mutex_);
    for (std::uint64_t& word : words) word = draw();
  }
  put_hex(words[0] | 1U, text, kTraceAt);
  put_hex(words[1], text, kTraceAt + kDigits);
  put_hex(words[2] | 1U, text, kSpanAt);
  return text;
}

}  // namespace weir::gateway
