#include "consumers/insights/pure/writing_pace.hpp"

#include <algorithm>

namespace weir::insights {

namespace {

// A transaction takes as long as so many texts, whatever it writes.
constexpr std::size_t kOfATransaction = 32;
constexpr std::size_t kFewest = 32;
constexpr std::size_t kMost = 256;
constexpr double kBelieved = 0.2;  // of a faster pace
constexpr int kLongestLead = 4;    // times the room, so that providers keep their time

/// Of two deadlines that ship: 2.0 s for a text, and 1.8 s for a model.
constexpr int kRoomOfWait = 9;

double believed(double before, double now) { return now > before ? now : before + kBelieved * (now - before); }

}  // namespace

Microseconds room_of(const Deadlines& deadlines) { return deadlines.template_after / kRoomOfWait; }

void WritingPace::measured(std::size_t texts, Microseconds took) {
  of_a_text_ = believed(of_a_text_, static_cast<double>(took.count()) / static_cast<double>(texts + kOfATransaction));
}

void WritingPace::waited(Microseconds longest) { waited_ = believed(waited_, static_cast<double>(longest.count())); }

double WritingPace::took_for(std::size_t texts) const { return of_a_text_.load() * static_cast<double>(texts + kOfATransaction); }

std::size_t WritingPace::most_at_once(Microseconds room) const {
  const double fit = static_cast<double>(room.count()) / 4 / std::max(of_a_text_.load(), 1.0);
  return static_cast<std::size_t>(std::clamp(fit - kOfATransaction, static_cast<double>(kFewest), static_cast<double>(kMost)));
}

Microseconds WritingPace::lead(Microseconds room) const {
  const auto needed = Microseconds{static_cast<std::int64_t>(std::max(2 * took_for(most_at_once(room)), waited_.load()))};
  return std::clamp<Microseconds>(needed - room / 2, Microseconds{0}, kLongestLead * room);
}

std::size_t WritingPace::most_due_together(Microseconds room) const {
  const std::size_t at_once = most_at_once(room);
  const double one = std::max(took_for(at_once), 1.0);
  const double left = static_cast<double>((room + lead(room)).count()) - one;  // after the transaction that is under way
  return at_once * std::max<std::size_t>(static_cast<std::size_t>(std::max(left, 0.0) / one), 1);
}

}  // namespace weir::insights
