#include "tests/chaos/harness/small_disk.hpp"

#include "common/core/result.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace weir::chaos {

std::string own_mounts() {
  if (::geteuid() != 0) return "only root may mount a small disk";
  if (::unshare(CLONE_NEWNS) != 0) return std::string("no mounts of its own: ") + std::strerror(errno);
  // Nothing of it is to reach the machine's own tree.
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return std::string("no private mounts: ") + std::strerror(errno);
  return "";
}

SmallDisk::SmallDisk(const std::filesystem::path& folder, std::int64_t mebibytes) : path_(folder) {
  std::filesystem::create_directories(path_);
  const std::string size = "size=" + std::to_string(mebibytes) + "m,mode=0755";
  const int mounted = ::mount("weir-chaos", path_.c_str(), "tmpfs", 0, size.c_str());
  WEIR_ASSERT(mounted == 0);
}

SmallDisk::~SmallDisk() {
  if (filler_ >= 0) ::close(filler_);
  ::umount2(path_.c_str(), MNT_DETACH);
}

void SmallDisk::fill() {
  if (filler_ < 0) filler_ = ::open((path_ / "filler").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  WEIR_ASSERT(filler_ >= 0);
  static constexpr std::array<char, 1 << 16> kZeros{};
  for (std::size_t piece = kZeros.size(); piece > 0;) {
    if (::write(filler_, kZeros.data(), piece) <= 0) piece /= 2;  // the last of it by smaller pieces
  }
}

void SmallDisk::empty() {
  if (filler_ < 0) return;
  ::close(std::exchange(filler_, -1));
  std::filesystem::remove(path_ / "filler");
}

}  // namespace weir::chaos
