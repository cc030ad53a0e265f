// Calls by libcurl's multi interface, the only place of weir that includes curl.
//
//   begun ──a name──► resolving ──every address is checked and pinned──► under way ──► ended
//         ──an address, checked──────────────────────────────────────────►
//
// A call connects only to addresses that were checked: curl gets the addresses with the call, refuses to open a socket to any other, and
// before the first byte of a request goes out the address of the connection is checked once more, because connections are used again.
#pragma once

#include "common/core/result.hpp"
#include "common/http/address_guard.hpp"
#include "common/http/caller.hpp"
#include "common/http/resolver.hpp"

#include <memory>
#include <string>

namespace weir::http {

struct CallerSettings {
  AddressGuard guard;
  std::string ca_file;  // certificates of authorities that are trusted; empty: the system's
  /// Connections of calls in flight are among these: with fewer than there are calls, each call would end its connection.
  std::size_t max_connections_kept = 4'096;
};

/// `clock` must outlive the caller.
[[nodiscard]] Result<std::unique_ptr<Caller>> make_curl_caller(CallerSettings settings, std::shared_ptr<Resolver> resolver,
                                                               const Clock& clock);

}  // namespace weir::http
