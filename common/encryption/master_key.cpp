#include "common/encryption/master_key.hpp"

#include "common/core/base64.hpp"
#include "common/core/digest.hpp"
#include "common/core/file_text.hpp"
#include "common/encryption/pipe.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace weir::encryption {

namespace {

constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

std::string trimmed(const std::string& text) {
  const auto blank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

class FileKey final : public MasterKey {
 public:
  explicit FileKey(const Key& key) : key_(key) {
    // A name of the key itself, wherever the file lies; nothing of the key can be known from it.
    std::string bytes("weir master key 1");
    bytes.append(key_.bytes());
    std::copy_n(sha256(bytes).begin(), id_.bytes.size(), id_.bytes.begin());
  }
  [[nodiscard]] std::string name() const override {
    std::string text = id_.text();
    std::erase(text, '-');
    return "file:" + text.substr(0, 16);
  }
  Result<std::string> wrap(const Key& key, const Uuid& key_id) override { return encrypt(key_, id_, place_of_key(key_id), key.bytes()); }
  Result<Key> unwrap(std::string_view wrapped, const Uuid& key_id) override {
    auto key = key_of(WEIR_TRY(decrypt(key_, place_of_key(key_id), wrapped)));
    return key ? std::move(key) : fail(key.error().in("what the master key's file unwrapped"));
  }

 private:
  Key key_;
  Uuid id_;
};

class CommandKey final : public MasterKey {
 public:
  explicit CommandKey(std::string command) : command_(std::move(command)) {}
  [[nodiscard]] std::string name() const override { return "command"; }
  Result<std::string> wrap(const Key& key, const Uuid& key_id) override { return ask("wrap", key_id, key.bytes()); }
  Result<Key> unwrap(std::string_view wrapped, const Uuid& key_id) override {
    auto key = key_of(WEIR_TRY(ask("unwrap", key_id, wrapped)));
    return key ? std::move(key) : fail(key.error().in("what encryption.master_command unwrapped"));
  }

 private:
  [[nodiscard]] Result<std::string> ask(std::string_view what, const Uuid& key_id, std::string_view bytes) const {
    const auto answer = run_filter(fmt::format("{} {} {}", command_, what, key_id.text()), base64(bytes) + "\n");
    if (!answer) return fail(answer.error().in("encryption.master_command " + std::string(what)));
    const auto decoded = base64_decoded(trimmed(*answer));
    if (!decoded) return fail(FaultKind::kIo, fmt::format("encryption.master_command {}: it printed no base64", what));
    return *decoded;
  }

  std::string command_;
};

}  // namespace

Place place_of_key(const Uuid& key_id) { return {"weir.data_keys", "wrapped_key", key_id.text()}; }

Result<std::unique_ptr<MasterKey>> master_key_of_file(const std::filesystem::path& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) {
    return fail(FaultKind::kConfiguration, fmt::format("the master key {}: {}", file.string(), std::strerror(errno)),
                "weir keys init makes one");
  }
  if ((found.st_mode & kOthers) != 0) {
    return fail(FaultKind::kConfiguration, fmt::format("the master key {} can be read by others", file.string()), "chmod 600 it");
  }
  const auto text = file_text(file);
  if (!text) return fail(FaultKind::kConfiguration, fmt::format("the master key {} cannot be read", file.string()));
  const auto bytes = base64_decoded(trimmed(*text));
  const auto key = key_of(bytes.value_or(std::string()));
  if (!key) {
    return fail(FaultKind::kConfiguration, fmt::format("the master key {} is not 32 bytes in base64", file.string()),
                "openssl rand -base64 32 makes such a line");
  }
  return std::make_unique<FileKey>(*key);
}

Result<void> make_master_key(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return fail(FaultKind::kIo, fmt::format("the master key {}: {}", file.string(), std::strerror(errno)));
  const std::string line = base64(Key::random().bytes()) + "\n";
  const bool written = ::write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (!written) return fail(FaultKind::kIo, fmt::format("the master key {}: cannot be written", file.string()));
  return {};
}

std::unique_ptr<MasterKey> master_key_of_command(std::string command) { return std::make_unique<CommandKey>(std::move(command)); }

Result<Key> MasterKeys::unwrap(std::string_view wrapped, std::string_view wrapped_by, const Uuid& key_id) const {
  std::optional<Fault> refusal;
  const auto attempt = [&](MasterKey& master) -> std::optional<Key> {
    if (master.name() != wrapped_by) return std::nullopt;
    const auto key = master.unwrap(wrapped, key_id);
    if (key) return *key;
    if (!refusal) refusal = key.error();
    return std::nullopt;
  };
  if (const auto key = attempt(*current)) return *key;
  for (const auto& previous : all_previous) {
    if (const auto key = attempt(*previous)) return *key;
  }
  if (refusal) return fail(*refusal);
  return fail(FaultKind::kConfiguration, fmt::format("key {} is wrapped by master key {}, which is not at hand", key_id.text(), wrapped_by),
              "set encryption.previous_master_key_file");
}

std::vector<config::Field> encryption_fields() {
  return {{.key = "encryption.master_key_file",
           .type = config::Type::kText,
           .help = "The file of the master key, 32 bytes in base64, for the owner alone; weir keys init makes one."},
          {.key = "encryption.master_command",
           .type = config::Type::kText,
           .help = "Instead of a file: a command that wraps and unwraps keys (COMMAND wrap|unwrap KEY-ID, base64 in and out)."},
          {.key = "encryption.previous_master_key_file",
           .type = config::Type::kText,
           .help = "The file of the master key before: keys that it wrapped still unwrap, until weir keys rotate has wrapped them anew."},
          {.key = "encryption.previous_master_command", .type = config::Type::kText, .help = "The command before, likewise."}};
}

Result<MasterKeys> master_keys(const config::Configuration& configuration) {
  const std::string file = configuration.text("encryption.master_key_file");
  const std::string command = configuration.text("encryption.master_command");
  if (file.empty() == command.empty()) {
    return fail(FaultKind::kConfiguration,
                file.empty() ? "there is no master key" : "encryption.master_key_file and encryption.master_command are both set",
                "set one of encryption.master_key_file and encryption.master_command");
  }
  MasterKeys keys;
  keys.current = file.empty() ? master_key_of_command(command) : WEIR_TRY(master_key_of_file(file));
  const std::string previous_file = configuration.text("encryption.previous_master_key_file");
  const std::string previous_command = configuration.text("encryption.previous_master_command");
  if (!previous_file.empty()) keys.all_previous.push_back(WEIR_TRY(master_key_of_file(previous_file)));
  if (!previous_command.empty()) keys.all_previous.push_back(master_key_of_command(previous_command));
  return keys;
}

}  // namespace weir::encryption
