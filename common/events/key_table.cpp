#include "common/events/key_table.hpp"

#include "common/core/result.hpp"

#include <algorithm>

namespace weir::events {

namespace {

constexpr std::size_t kMaxGuesses = 2'048;  // a Postgres table has at most 1,600 columns

}  // namespace

KeyTable::KeyTable(std::vector<std::string> names) : names_(std::move(names)) {
  for (const std::string& name : names_) {
    WEIR_ASSERT(!name.empty() && name.size() <= kMaxName);
    WEIR_ASSERT(name.find_first_of("\"\\") == std::string::npos);
  }
}

KeyTable::Guess KeyTable::guess_of(std::string_view key, int index) {
  Guess guess{{index, key.size() + 1}, {}};
  std::copy(key.begin(), key.end(), guess.text.begin());
  guess.text[key.size()] = '"';
  return guess;
}

int KeyTable::learn(const ondemand::raw_json_string& key, std::size_t position) {
  const std::string_view text = raw_key(key);
  int index = kOther;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] == text) index = static_cast<int>(i);
  }
  if (text.size() <= kMaxName && position < kMaxGuesses) {
    if (guesses_.size() <= position) guesses_.resize(position + 1, guess_of("", kOther));
    guesses_[position] = guess_of(text, index);
  }
  return index;
}

}  // namespace weir::events
