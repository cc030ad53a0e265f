// A certificate for a server on 127.0.0.1 that signs itself, made anew for each run.
#pragma once

#include "common/core/result.hpp"

#include <openssl/types.h>

#include <filesystem>
#include <memory>

namespace weir::demo {

/// A context of TLS that serves with the certificate. `file` gets the certificate, for whoever is to trust it.
[[nodiscard]] Result<std::shared_ptr<SSL_CTX>> make_server_context(const std::filesystem::path& file);

}  // namespace weir::demo
