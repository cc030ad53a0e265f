#include "tests/chaos/harness/journal.hpp"

#include "common/core/result.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <utility>

namespace weir::chaos {

Journal::Journal(const std::filesystem::path& file)
    : path_(file), file_(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
  WEIR_ASSERT(file_ >= 0);
  writer_ = std::jthread([this](const std::stop_token& stop) { write_all(stop); });
}

Journal::~Journal() {
  writer_ = {};
  ::close(file_);
}

void Journal::add(const Acknowledged& entry) {
  std::string line = std::to_string(entry.event.key) + " " + std::to_string(entry.event.number) + " " + std::to_string(entry.partition) +
                     " " + std::to_string(entry.offset) + " " + entry.event.poison + "\n";
  const std::lock_guard lock(mutex_);
  waiting_ += line;
  ++handed_over_;
  changed_.notify_all();
}

void Journal::write_all(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [&] { return !waiting_.empty(); })) {
    const std::string bytes = std::exchange(waiting_, {});
    const std::int64_t until = handed_over_;
    lock.unlock();
    // Without its journal a run cannot be judged.
    WEIR_ASSERT(::write(file_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    WEIR_ASSERT(::fdatasync(file_) == 0);
    lock.lock();
    synced_ = until;
    changed_.notify_all();
  }
}

std::int64_t Journal::synced() const {
  const std::lock_guard lock(mutex_);
  return synced_;
}

std::vector<Acknowledged> Journal::read() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return synced_ == handed_over_; });
  std::vector<Acknowledged> entries;
  entries.reserve(static_cast<std::size_t>(synced_));
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    Acknowledged& entry = entries.emplace_back();
    words >> entry.event.key >> entry.event.number >> entry.partition >> entry.offset >> entry.event.poison;
  }
  WEIR_ASSERT(static_cast<std::int64_t>(entries.size()) == synced_);
  return entries;
}

}  // namespace weir::chaos
