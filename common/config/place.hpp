// Where the configuration is looked for when --config names no file.
#pragma once

#include <string>

namespace weir::config {

/// `here` where it is there; otherwise `installed` where that can be read; otherwise `here`, which then need not be there.
[[nodiscard]] std::string place_of_file(const std::string& here, const std::string& installed);
/// weir.yaml in the working directory, otherwise the file of the Debian package, /etc/weir/weir.yaml. Whoever may not read the latter goes
/// on without it, so that `weir demo` and --help need no rights.
[[nodiscard]] std::string place_of_file();

}  // namespace weir::config
