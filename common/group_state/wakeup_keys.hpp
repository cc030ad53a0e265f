// A wake-up that works for many keys (organizations whose windows close, users who are compared) goes on without those keys whose data
// makes it fail. weir.refused_wakeups keeps each of these keys with its reason and the time of its next try. The wake-up leaves the key out
// until then, and its work for the key stays to be done.
#pragma once

#include "common/postgres/statements.hpp"

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::group_state {

class WakeupKeys {
 public:
  /// How much of the work for its keys a wake-up does at once.
  enum class Share : std::uint8_t { kAll, kPart };

  /// Reads which keys are refused when a wake-up begins. `wakeup` names this work among all of the group's wake-ups: "closing".
  [[nodiscard]] static Result<WakeupKeys> read(postgres::Statements& connection, std::string_view group, std::string_view wakeup);

  /// Refused keys whose next try is not due. The consumer leaves them out of the work that it looks for.
  [[nodiscard]] std::vector<Uuid> held_back() const;
  /// Whether the next try of this key is not due; for a key that is no UUID.
  [[nodiscard]] bool holds_back(std::string_view key) const;
  /// Refused keys whose next try is due. The consumer passes them to take() even where it finds no work for them, so that such a key is no
  /// longer kept as refused.
  [[nodiscard]] std::vector<Uuid> due() const;

  /// Does `work` for all keys at once. Where their data makes it fail, its changes are rolled back and each half of the keys is tried by
  /// itself, down to the single key that fails, which is kept as refused. Returns false where so many tries were made that some keys are
  /// left for another wake-up. Any other fault ends the wake-up. The data of very many keys ends it too, because then the keys are not the
  /// cause. `work` is called with a std::span<const Key> and returns Result<void>. Where it is only a part of what is to be done for its
  /// keys, a key that was refused stays due until another call has done the whole.
  template <class Key, class Work>
  [[nodiscard]] Result<bool> take(postgres::Statements& connection, const std::vector<Key>& keys, const Work& work,
                                  Share share = Share::kAll) {
    std::vector<std::string> names;
    for (const Key& key : keys) names.push_back(name_of(key));
    return take_ranges(
        connection, names, [&](std::size_t first, std::size_t end) { return work(std::span(keys).subspan(first, end - first)); }, share);
  }

 private:
  struct Refusal {
    std::string key;
    Fault fault;
  };
  WakeupKeys(std::string_view group, std::string_view wakeup) : group_(group), wakeup_(wakeup) {}
  template <class Key>
  static std::string name_of(const Key& key) {
    if constexpr (requires { key.text(); }) {
      return key.text();
    } else {
      return std::string(key);
    }
  }
  [[nodiscard]] Result<bool> take_ranges(postgres::Statements& connection, const std::vector<std::string>& names,
                                         const std::function<Result<void>(std::size_t, std::size_t)>& work, Share share);
  [[nodiscard]] Result<void> keep(postgres::Statements& connection, std::span<const Refusal> refused) const;
  [[nodiscard]] Result<void> forget(postgres::Statements& connection, const std::vector<std::string>& keys) const;

  std::string group_;
  std::string wakeup_;
  std::map<std::string, int> tries_;  // of every refused key
  std::vector<std::string> held_back_;
  std::vector<std::string> due_;
};

}  // namespace weir::group_state
