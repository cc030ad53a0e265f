// Metadata, version 1, about no topic. All numbers are big-endian.
//
//   request  := size:int32 api_key:int16=3 version:int16=1 correlation:int32 client_id:string topics:int32=0
//   response := size:int32 correlation:int32 brokers:int32 …
//   string   := length:int16 byte*
#include "common/local/kafka_probe.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir::local {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kRequest = "\x00\x00\x00\x12\x00\x03\x00\x01\x00\x00\x00\x01\x00\x04weir\x00\x00\x00\x00"sv;
constexpr std::size_t kAnswerHead = 12;

class Socket {
 public:
  Socket() : file_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(file_); }
  [[nodiscard]] int file() const { return file_; }

 private:
  int file_;
};

}  // namespace

bool kafka_serves(int port, Milliseconds patience) {
  const Socket socket;
  const timeval timeout{patience.count() / 1000, (patience.count() % 1000) * 1000};
  ::setsockopt(socket.file(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::connect(socket.file(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return false;
  if (::send(socket.file(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(kRequest.size())) return false;
  std::array<char, kAnswerHead> answer{};
  if (::recv(socket.file(), answer.data(), answer.size(), MSG_WAITALL) != static_cast<ssize_t>(answer.size())) return false;
  std::uint32_t brokers = 0;
  std::memcpy(&brokers, answer.data() + 8, sizeof brokers);
  return ntohl(brokers) > 0;
}

}  // namespace weir::local
