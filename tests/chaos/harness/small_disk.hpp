// A file system of a few megabytes in memory that can be filled to the last byte and emptied again: for data that must meet a full disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace weir::chaos {

/// Gives this process, and the processes that it starts from now on, mounts of their own, which end with them. To be called before any
/// thread runs.
/// "": done; else why it cannot be had here (not root, or a container that may not mount).
[[nodiscard]] std::string own_mounts();

class SmallDisk {
 public:
  SmallDisk(const std::filesystem::path& folder, std::int64_t mebibytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Takes all free space; called again, it takes the space that has become free since.
  void fill();
  void empty();

 private:
  std::filesystem::path path_;
  int filler_ = -1;
};

}  // namespace weir::chaos
