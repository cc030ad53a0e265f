// The floor of HTTP: the gateway's own server, answering each request at once and doing nothing with it.
#pragma once

namespace weir::bench {

/// Serves on `port` of loopback until a signal ends the process.
[[noreturn]] void run_echo(int port, int threads);

}  // namespace weir::bench
