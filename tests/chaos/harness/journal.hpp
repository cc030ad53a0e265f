// The truth of a run: a file to which every acknowledgement is appended, and synced before it counts.
//
//   line := KEY ' ' NUMBER ' ' PARTITION ' ' OFFSET ' ' POISON? '\n'      (-1 where the acknowledgement does not tell the place)
#pragma once

#include "common/core/time.hpp"
#include "tests/chaos/harness/event.hpp"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir::chaos {

struct Acknowledged {
  NumberedEvent event;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
};

class Journal {
 public:
  explicit Journal(const std::filesystem::path& file);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Hands an acknowledgement over; from any thread. Those that come while the disk is busy are synced together.
  void add(const Acknowledged& entry);
  /// How many are on the disk.
  [[nodiscard]] std::int64_t synced() const;
  /// Waits until all that were handed over are on the disk, and reads the file back.
  [[nodiscard]] std::vector<Acknowledged> read();

 private:
  void write_all(const std::stop_token& stop);

  std::filesystem::path path_;
  int file_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  std::string waiting_;
  std::int64_t handed_over_ = 0;
  std::int64_t synced_ = 0;
  std::jthread writer_;
};

}  // namespace weir::chaos
