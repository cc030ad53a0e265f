// mkdtemp, and ports tried by binding them.
#include "common/local/scratch.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

namespace weir::local {
namespace {

constexpr int kFirstPort = 15'000;
constexpr int kLastPort = 32'000;
constexpr int kAttempts = 200;

// A service that runs as another user (initdb refuses root) must be able to walk down to its directory.
bool others_can_enter(std::filesystem::path directory) {
  while (true) {
    struct stat state {};
    if (::stat(directory.c_str(), &state) != 0 || (state.st_mode & S_IXOTH) == 0) return false;
    if (directory == directory.root_path()) return true;
    directory = directory.parent_path();
  }
}

std::filesystem::path base() {
  std::error_code failed;
  const std::filesystem::path named = std::filesystem::temp_directory_path(failed);
  if (failed) return "/tmp";
  return ::geteuid() != 0 || others_can_enter(std::filesystem::absolute(named)) ? named : "/tmp";
}

}  // namespace

bool can_listen(int port) {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool free = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(probe, 1) == 0;
  ::close(probe);
  return free;
}

Result<Scratch> Scratch::create(std::shared_ptr<supervise::Guardian> guardian) {
  std::string pattern = (base() / "weir-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return fail(FaultKind::kIo, "cannot make a directory " + pattern + ": " + std::strerror(errno), "set TMPDIR to a directory with room");
  }
  guardian->guard_directory(pattern);
  if (::geteuid() == 0) ::chmod(pattern.c_str(), 0711);
  return Scratch(std::move(guardian), pattern);
}

Scratch::~Scratch() {
  if (!guardian_) return;
  std::error_code failed;
  std::filesystem::remove_all(path_, failed);
  if (!failed) guardian_->forget_directory(path_);
}

void Scratch::keep() {
  if (guardian_) guardian_->forget_directory(path_);
  guardian_.reset();
}

Result<int> free_port() {
  std::random_device random;
  std::uniform_int_distribution<int> ports(kFirstPort, kLastPort);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const int port = ports(random);
    if (can_listen(port)) return port;
  }
  return fail(FaultKind::kIo, "found no free port on 127.0.0.1 between 15000 and 32000");
}

}  // namespace weir::local
