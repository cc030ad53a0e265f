// The key above all: it wraps the organizations' keys and encrypts nothing else. Either a file holds it, or it never leaves a service that
// is asked by a command.
#pragma once

#include "common/config/config.hpp"
#include "common/encryption/encrypted_value.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace weir::encryption {

/// Where a wrapped key stands, to which it is bound.
[[nodiscard]] Place place_of_key(const Uuid& key_id);

class MasterKey {
 public:
  MasterKey() = default;
  MasterKey(const MasterKey&) = delete;
  MasterKey& operator=(const MasterKey&) = delete;
  virtual ~MasterKey() = default;
  /// As weir.data_keys.wrapped_by has it: "file:" and 16 digits that tell one file's key from another's, or "command".
  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual Result<std::string> wrap(const Key& key, const Uuid& key_id) = 0;
  [[nodiscard]] virtual Result<Key> unwrap(std::string_view wrapped, const Uuid& key_id) = 0;
};

/// The file holds 32 bytes in base64; spaces and line ends around it do not count. Fault kConfiguration: missing, of another form, or
/// readable for others.
[[nodiscard]] Result<std::unique_ptr<MasterKey>> master_key_of_file(const std::filesystem::path& file);
/// Makes such a file, for the owner alone. Fault kIo where it exists.
[[nodiscard]] Result<void> make_master_key(const std::filesystem::path& file);
/// Runs `sh -c 'COMMAND wrap KEY-ID'` (or unwrap) with base64 on its standard input, and takes base64 from its standard output.
[[nodiscard]] std::unique_ptr<MasterKey> master_key_of_command(std::string command);

/// The one that wraps, and those that still unwrap while keys are wrapped anew.
struct MasterKeys {
  std::unique_ptr<MasterKey> current;
  std::vector<std::unique_ptr<MasterKey>> all_previous;
  /// By whichever of them wrapped it.
  [[nodiscard]] Result<Key> unwrap(std::string_view wrapped, std::string_view wrapped_by, const Uuid& key_id) const;
};

[[nodiscard]] std::vector<config::Field> encryption_fields();
/// By encryption.master_key_file or .master_command, and the previous ones. Fault kConfiguration where neither is set, or both are.
[[nodiscard]] Result<MasterKeys> master_keys(const config::Configuration& configuration);

}  // namespace weir::encryption
