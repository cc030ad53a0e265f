// What the scenario of positions needs: readers that come back when they stop, eras of events between two breaks of the log, the gaps as
// they are recorded, and a log that loses its end.
#pragma once

#include "tests/chaos/harness/generator.hpp"
#include "tests/chaos/harness/ground.hpp"
#include "tests/chaos/harness/journal.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace weir::chaos {

struct Found {
  std::int32_t partition = 0;
  std::string kind;
  std::int64_t next_offset = 0;
  std::int64_t log_begin = 0;
  std::int64_t log_end = 0;
};
/// The gaps that wait for the operator, by partition.
[[nodiscard]] std::vector<Found> open_gaps(const Ground& ground);
/// Accepts a gap as the operator does, by `weir offsets accept-gap`; `at`: where to go on, "" where the command needs no place.
void accept_gap(Ground& ground, std::int32_t partition, const std::string& at);
/// Cuts the partition's log of a broker that does not run before the batch that holds `offset`. Gives where the log ends now.
[[nodiscard]] std::int64_t cut_log(const std::filesystem::path& scratch, std::int32_t partition, std::int64_t offset);

/// Two instances of the tape, which are started again when they stop by themselves, as a supervisor does.
class Readers {
 public:
  explicit Readers(Ground& ground);
  void start();
  void stop();
  void revive();
  void kill_one(std::uint64_t which);
  /// Pauses all instances, or ends them (by SIGKILL or in good order).
  void rest(bool paused, bool killed);
  void go_on();
  /// /readyz refuses with the gap's name, and the metric has its size.
  [[nodiscard]] bool tell_of(const Found& gap) const;
  [[nodiscard]] std::int64_t revived() const { return revived_; }
  [[nodiscard]] std::int64_t killed() const { return killed_; }

 private:
  std::vector<Instance*> members_;
  bool paused_ = false;
  std::int64_t revived_ = 0;
  std::int64_t killed_ = 0;
};

/// Events in the order of their offsets: an era ends where offsets begin again.
class Eras {
 public:
  Eras(Ground& ground, std::uint64_t seed) : ground_(ground), seed_(seed) {}
  /// `burst`: with a few thousand events at once.
  void begin(bool burst = false);
  /// Waits until all that was sent is acknowledged.
  void end();
  [[nodiscard]] std::int64_t acknowledged() const;
  [[nodiscard]] std::int64_t end_of(std::int32_t partition);
  /// Events that were deleted unread, in this era or in the era before it from an offset on: they must not be in the tape.
  void excuse(std::int32_t partition, std::int64_t from, std::int64_t to);
  void excuse_rest_of_last(std::int32_t partition, std::int64_t from);
  /// The tape holds every event that is not excused, once, in the order of its key, and no other.
  void verify(const Report& report);

 private:
  struct Lost {
    std::int32_t partition = 0;
    std::int64_t from = 0;
    std::int64_t to = 0;
  };
  struct Era {
    std::unique_ptr<Journal> journal;
    std::vector<std::unique_ptr<Generator>> generators;
    std::vector<Lost> lost;
  };
  [[nodiscard]] std::unique_ptr<Generator> generator(Era& era, std::int64_t first_key, std::int64_t events, double rate) const;
  [[nodiscard]] static bool is_lost(const Era& era, const Acknowledged& entry);

  Ground& ground_;
  std::uint64_t seed_;
  std::vector<Era> eras_;
};

}  // namespace weir::chaos
