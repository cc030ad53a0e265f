#include "common/local/kept_folder.hpp"

#include "common/core/await.hpp"
#include "common/local/postgres_server.hpp"
#include "common/local/scratch.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <utility>

namespace weir::local {

namespace {

/// Servers of a program that was killed are being ended by its guardian.
constexpr Milliseconds kPatienceForPorts{20'000};
constexpr const char* kLock = "lock";

/// PostgreSQL, which refuses root, has to walk down to its data as another user.
Result<void> check_that_postgres_enters(std::filesystem::path folder) {
  if (postgres_user().empty()) return {};
  for (;; folder = folder.parent_path()) {
    struct stat state {};
    if (::stat(folder.c_str(), &state) == 0 && (state.st_mode & S_IXOTH) == 0) {
      return fail(FaultKind::kConfiguration,
                  "PostgreSQL does not run as root, and its user " + postgres_user() + " cannot enter " + folder.string(),
                  "name a folder below one that everybody may enter, or work as another user than root");
    }
    if (folder == folder.root_path()) return {};
  }
}

/// A folder that is there already and holds something else is somebody's: its rights and files are left alone.
Result<void> check_that_it_is_ours(const std::filesystem::path& folder) {
  std::error_code failed;
  if (!std::filesystem::is_directory(folder)) return fail(FaultKind::kConfiguration, folder.string() + " is no folder");
  const bool is_empty = std::filesystem::is_empty(folder, failed);
  if (failed) return fail(FaultKind::kConfiguration, "cannot read " + folder.string() + ": " + failed.message());
  if (is_empty || std::filesystem::exists(folder / kLock)) return {};
  return fail(FaultKind::kConfiguration, folder.string() + " holds files that weir up --local did not make",
              "name a folder that is empty, or not there yet");
}

Result<std::map<std::string, int>> drawn(const std::filesystem::path& path, const std::vector<std::string>& names) {
  std::map<std::string, int> ports;
  std::set<int> taken;
  const std::filesystem::path unfinished = path.string() + ".new";
  std::ofstream file(unfinished);
  for (const std::string& name : names) {
    int port = WEIR_TRY(free_port());
    while (!taken.insert(port).second) port = WEIR_TRY(free_port());
    ports[name] = port;
    file << name << ' ' << port << '\n';
  }
  file.close();
  std::error_code failed;
  std::filesystem::rename(unfinished, path, failed);
  if (!file || failed) return fail(FaultKind::kIo, "cannot write " + path.string());
  return ports;
}

}  // namespace

Result<KeptFolder> KeptFolder::take(const std::filesystem::path& path) {
  std::error_code failed;
  // In Kafka's settings a comma begins another folder, which would lie elsewhere.
  if (std::filesystem::absolute(path, failed).string().find_first_of(",\\\n") != std::string::npos) {
    return fail(FaultKind::kConfiguration,
                path.string() + ": Kafka can have no folder with a comma, a backslash or a line's end in its name");
  }
  std::filesystem::create_directories(path, failed);
  const std::filesystem::path folder = std::filesystem::canonical(path, failed);
  if (failed) return fail(FaultKind::kConfiguration, "cannot make " + path.string() + ": " + failed.message());
  WEIR_TRY(check_that_it_is_ours(folder));
  ::chmod(folder.c_str(), postgres_user().empty() ? 0700 : 0711);
  WEIR_TRY(check_that_postgres_enters(folder));
  const std::filesystem::path file = folder / kLock;
  const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return fail(FaultKind::kConfiguration, "cannot open " + file.string() + ": " + std::strerror(errno));
  KeptFolder kept(folder, lock);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    std::string holder;
    std::getline(std::ifstream(file), holder);
    return fail(FaultKind::kConfiguration, folder.string() + " is in use by process " + (holder.empty() ? "?" : holder),
                "stop that process, or name another folder");
  }
  const std::string id = std::to_string(::getpid()) + "\n";
  const bool noted = ::ftruncate(lock, 0) == 0 && ::write(lock, id.data(), id.size()) == static_cast<ssize_t>(id.size());
  if (!noted) return fail(FaultKind::kIo, "cannot write " + file.string() + ": " + std::strerror(errno));
  return kept;
}

KeptFolder::KeptFolder(KeptFolder&& other) noexcept : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

KeptFolder::~KeptFolder() {
  if (lock_ >= 0) ::close(lock_);
}

Result<std::map<std::string, int>> KeptFolder::ports(const std::vector<std::string>& names) const {
  const std::filesystem::path file = path_ / "ports";
  if (!std::filesystem::exists(file)) return drawn(file, names);
  std::map<std::string, int> ports;
  std::ifstream in(file);
  for (std::string name; in >> name;) in >> ports[name];
  for (const std::string& name : names) {
    const auto port = ports.find(name);
    if (port == ports.end()) return fail(FaultKind::kData, file.string() + " has no port of " + name, "remove the file");
    if (await(kPatienceForPorts, [&] { return can_listen(port->second); })) continue;
    return fail(FaultKind::kIo,
                "another program has port " + std::to_string(port->second) + ", which " + file.string() + " gives to " + name,
                "stop that program; or remove ports and weir.yaml there, so that new ports are drawn");
  }
  return ports;
}

}  // namespace weir::local
