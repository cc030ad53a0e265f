// The frontend/backend protocol of Postgres, as far as a proxy must understand it.
//
//   stream    := startup* message*            (a client's; a server's has messages alone)
//   startup   := int32 length, int32 code, …  (code: 3.0, or a request for encryption or for a cancellation)
//   message   := byte type, int32 length, …   (length counts itself, not the type)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::chaos {

struct Message {
  char type = 0;      // 0: a startup packet
  std::string bytes;  // whole, as it came
  [[nodiscard]] std::string_view body() const { return std::string_view(bytes).substr(type == 0 ? 4 : 5); }
};

/// Cuts a stream into messages.
class MessageStream {
 public:
  explicit MessageStream(bool begins_with_startup) : startup_(begins_with_startup) {}
  void feed(std::string_view bytes);
  /// None: the next message is not whole yet.
  [[nodiscard]] std::optional<Message> next();
  /// The startup packet proper has come: typed messages follow.
  void begin_messages() { startup_ = false; }

 private:
  bool startup_;
  std::string buffer_;
  std::size_t taken_ = 0;  // bytes of the buffer that were handed out
};

/// The code of a startup packet.
[[nodiscard]] std::uint32_t startup_code(const Message& message);
inline constexpr std::uint32_t kCancelRequest = 80877102;
inline constexpr std::uint32_t kSslRequest = 80877103;
inline constexpr std::uint32_t kGssRequest = 80877104;

/// The text at the start of `body`, up to its zero; `body` goes past it.
[[nodiscard]] std::string_view take_text(std::string_view& body);

[[nodiscard]] std::string query_message(const std::string& sql);
/// The message by which a server ends a session.
[[nodiscard]] std::string fatal_message(const std::string& sqlstate);

}  // namespace weir::chaos
