// How long it takes Postgres to write texts, as measured, and what follows of it: when templates are begun, how many at once, and how many
// insights may be claimed together, so that each of them has its text in time.
//
//   claim ──────────────── template_after ──────────────► due ── room ──► 2.0 s: its text stands
//
// The room is for two transactions, of which one is under way at the moment at which a template falls due, and the next one writes it.
// Where two of them take longer than half of the room, or a template waited longer than that for another reason (rows that a report holds,
// a machine that is busy), templates are begun so much earlier.
#pragma once

#include "consumers/insights/pure/draft.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace weir::insights {

/// From the moment at which a template is due to the moment at which its text must stand: 0.2 s, where it is due after 1.8 s.
[[nodiscard]] Microseconds room_of(const Deadlines& deadlines);

/// Shared by the threads of a process.
class WritingPace {
 public:
  /// A transaction that wrote so many texts took so long, its commit included. A slower pace is believed at once, a faster one slowly.
  void measured(std::size_t texts, Microseconds took);
  /// The longest that a template of a transaction waited, from the moment at which it might be written to its commit.
  void waited(Microseconds longest);
  /// The most texts of one transaction: two such transactions fit into half of the room.
  [[nodiscard]] std::size_t most_at_once(Microseconds room) const;
  /// How long before a template is due it may be written.
  [[nodiscard]] Microseconds lead(Microseconds room) const;
  /// The most texts that may fall due within the room.
  [[nodiscard]] std::size_t most_due_together(Microseconds room) const;

 private:
  [[nodiscard]] double took_for(std::size_t texts) const;  // microseconds

  std::atomic<double> of_a_text_{200};  // microseconds, until something is measured
  std::atomic<double> waited_{0};       // microseconds
};

}  // namespace weir::insights
