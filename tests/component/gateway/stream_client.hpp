// A client of GET /v1/stream that reads event after event, and can be cut at any moment.
#pragma once

#include "tests/support/loopback_stream.hpp"

#include <optional>
#include <string>

namespace weir::testing {

struct StreamEvent {
  std::string id;
  std::string data;
};

class StreamClient {
 public:
  StreamClient(int port, const std::string& token, const std::string& last_event = {})
      : stream_(port, "GET /v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n" +
                          (last_event.empty() ? "" : "Last-Event-ID: " + last_event + "\r\n") + "\r\n") {}

  /// The next event; none where it does not come in time, or the stream has ended.
  std::optional<StreamEvent> next(Milliseconds patience) {
    const Deadline deadline(patience);
    while (const auto block = stream_.take_block(deadline)) {
      const std::size_t id = block->rfind("id: ", block->find("\nevent: "));
      const std::size_t data = block->find("\ndata: ");
      if (data == std::string::npos) continue;
      return StreamEvent{block->substr(id + 4, block->find('\n', id) - id - 4), block->substr(data + 7, block->size() - data - 8)};
    }
    return std::nullopt;
  }

  /// The head of the answer: true once it has come.
  bool opened(Milliseconds patience) {
    const Deadline deadline(patience);
    while (stream_.received().find("\r\n\r\n") == std::string::npos) {
      if (!stream_.more(deadline)) return false;
    }
    return stream_.received().starts_with("HTTP/1.1 200 ");
  }

  /// Whether the other side ends it in time.
  bool ends(Milliseconds patience) { return stream_.ends(patience); }

 private:
  LoopbackStream stream_;
};

}  // namespace weir::testing
