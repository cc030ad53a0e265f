// A server on loopback that misbehaves as its test tells it: it counts connections, and what it says on each is a function. With TLS where
// it is given a certificate.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace weir::testing {

/// Certificates that are made for a test: an authority, and servers' that it signs.
class Authority {
 public:
  Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  ~Authority();
  /// A file that names it as trusted; removed with it.
  [[nodiscard]] const std::string& file() const { return file_; }
  /// A server's key and certificate. `days`: until it expires, negative where it has.
  struct Certificate {
    std::shared_ptr<void> key;
    std::shared_ptr<void> certificate;
  };
  [[nodiscard]] Certificate certificate_for(const std::string& name, int days = 1) const;

 private:
  Certificate own_;
  std::string file_;
};

/// One connection, on a thread of its own.
class Peer {
 public:
  virtual ~Peer() = default;
  /// One whole request: head and as many bytes of body as it announces; "" where the client closes before.
  [[nodiscard]] virtual std::string request() = 0;
  /// One line without its CRLF; "" where the client closes before.
  [[nodiscard]] virtual std::string line() = 0;
  /// Of a server whose TLS begins later: from here on all is encrypted. False where the client does not go along.
  virtual bool start_tls() = 0;
  /// False where the client takes no more.
  virtual bool send(std::string_view bytes) = 0;
  /// Until the client closes.
  virtual void wait_closed() = 0;
};

class TestServer {
 public:
  using Script = std::function<void(Peer&)>;
  enum class Tls : std::uint8_t { kAtOnce, kLater };
  /// Each connection is closed when `script` returns.
  explicit TestServer(Script script, const Authority::Certificate* certificate = nullptr, Tls tls = Tls::kAtOnce);
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer();
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] int connections() const { return connections_.load(); }

 private:
  void accept_all();
  Script script_;
  std::shared_ptr<void> tls_;
  Tls begin_ = Tls::kAtOnce;
  int listening_ = -1;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::list<int> open_;
  std::list<std::thread> threads_;
  bool is_over_ = false;
  std::thread accepting_;
};

/// An answer with its length.
[[nodiscard]] std::string answer_text(int status, const std::string& body, const std::string& headers = {});

}  // namespace weir::testing
