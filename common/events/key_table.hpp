// Finds which of a reader's wanted names a key is. Objects have their keys in the same order from one record to the next, so the key that
// stood at a position last time is tried first. This takes one comparison a key, except in the first record after the order has changed.
#pragma once

#include "common/events/json_text.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace weir::events {

class KeyTable {
 public:
  static constexpr int kOther = -1;            // a key that the reader does not want
  static constexpr std::size_t kMaxName = 63;  // bytes, as in a Postgres identifier; with its quote a name fits simdjson's padding

  /// `names` are compared with the text as it stands, so none may need an escape.
  explicit KeyTable(std::vector<std::string> names);

  /// The index of the key among the names, or kOther.
  [[nodiscard]] int index_of(const ondemand::raw_json_string& key, std::size_t position) {
    if (position < guesses_.size()) {
      const Guess& guess = guesses_[position];
      if (begins_with(key.raw(), guess)) return guess.index;
    }
    return learn(key, position);
  }

  /// A key as it stood at a position last time.
  struct Known {
    int index = kOther;
    std::size_t size = 0;  // bytes, with the closing quote
  };
  /// Goes past the key whose opening quote stands at `at`, and past its colon, if it is the key that stood at this position last time; null
  /// where it is not, and `at` means nothing then. 64 bytes from there on may be read.
  [[nodiscard]] const Known* take_known(const char*& at, std::size_t position) const {
    if (*at++ != '"' || position >= guesses_.size() || !begins_with(at, guesses_[position])) return nullptr;
    const Guess& guess = guesses_[position];
    at += guess.size;
    return *at++ == ':' ? &guess : nullptr;
  }

 private:
  struct Guess : Known {
    std::array<char, kMaxName + 1> text{};  // the key with its closing quote
  };

  /// Eight bytes at a time, since a call to compare a few bytes takes longer than comparing them. Reads at most 64 bytes from a character
  /// of the document on, and 64 bytes of padding lie behind the document.
  static bool begins_with(const char* text, const Guess& guess) {
    std::size_t at = 0;
    std::uint64_t here = 0;
    std::uint64_t there = 0;
    for (; at + sizeof here <= guess.size; at += sizeof here) {
      std::memcpy(&here, text + at, sizeof here);
      std::memcpy(&there, guess.text.data() + at, sizeof there);
      if (here != there) return false;
    }
    if (at == guess.size) return true;
    std::memcpy(&here, text + at, sizeof here);
    std::memcpy(&there, guess.text.data() + at, sizeof there);
    return ((here ^ there) & kRest[guess.size - at]) == 0;
  }
  /// By how many of eight bytes count; the first is the lowest.
  static_assert(std::endian::native == std::endian::little);
  static constexpr std::array<std::uint64_t, 8> kRest{0,          0xff,         0xffff,         0xffffff,
                                                      0xffffffff, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff};

  static Guess guess_of(std::string_view key, int index);
  int learn(const ondemand::raw_json_string& key, std::size_t position);

  std::vector<std::string> names_;
  std::vector<Guess> guesses_;  // by position
};

}  // namespace weir::events
