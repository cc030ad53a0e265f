// Two instances of weir rollups that share a topic, seen through their positions: who owns which partition, and how far it is.
#pragma once

#include "common/postgres/connection.hpp"
#include "tests/bench/support/component.hpp"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace weir::bench {

/// A partition as its row in weir.consumer_offsets stands.
struct Position {
  std::string owner;  // empty: nobody's
  std::int64_t epoch = 0;
  std::int64_t next = 0;
};
/// By topic and partition.
using Positions = std::map<std::pair<std::string, std::int32_t>, Position>;

/// What one death gave, in seconds from the kill.
struct Death {
  double claimed = 0;        // until the survivor has claimed the first of its partitions
  double first_written = 0;  // until the first of them has moved
  double all_written = 0;    // until each of them has
};

class Pair {
 public:
  /// Starts both, one after the other, and waits until each has partitions of `topic`; they read `partitions` in all.
  Pair(std::string dsn, std::string topic, std::size_t partitions, std::map<std::string, std::string> environment);

  /// Kills the one that has been there longer, times the other, and starts it again; returns when both have partitions.
  [[nodiscard]] Death death();
  [[nodiscard]] Positions positions();
  /// Whether every partition of the topic has moved.
  [[nodiscard]] bool has_begun();
  void stop();

 private:
  struct Member {
    std::optional<Component> component;
    std::string owner;  // the backend that its partitions name
  };
  void start(Member& member, const std::string& other);
  /// Both own partitions of the topic, and nothing that they read is nobody's or was never claimed.
  [[nodiscard]] bool settled(const Positions& positions, const std::string& known);

  std::string topic_;
  std::size_t partitions_;
  std::map<std::string, std::string> environment_;
  postgres::Connection connection_;
  std::array<Member, 2> members_;
  std::size_t older_ = 0;
};

/// How often a partition changed hands between the two moments.
[[nodiscard]] std::int64_t changes_of_hands(const Positions& before, const Positions& after);

}  // namespace weir::bench
