#include "tests/unit/http/test_server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <utility>

namespace weir::testing {

namespace {

Authority::Certificate make(const std::string& name, int days, const Authority::Certificate* signer) {
  const std::shared_ptr<EVP_PKEY> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const std::shared_ptr<X509> certificate(X509_new(), &X509_free);
  REQUIRE(key);
  constexpr long kDay = 24L * 3'600;
  static std::atomic<long> serial{1};
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -10 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * kDay);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  const auto* issuer = signer == nullptr ? certificate.get() : static_cast<const X509*>(signer->certificate.get());
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
  const std::string extension = signer == nullptr ? "critical,CA:TRUE" : "DNS:" + name;
  const int nid = signer == nullptr ? NID_basic_constraints : NID_subject_alt_name;
  X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, nullptr, nid, extension.c_str());
  REQUIRE(made != nullptr);
  X509_add_ext(certificate.get(), made, -1);
  X509_EXTENSION_free(made);
  auto* signing = signer == nullptr ? key.get() : static_cast<EVP_PKEY*>(signer->key.get());
  REQUIRE(X509_sign(certificate.get(), signing, EVP_sha256()) > 0);
  return {key, certificate};
}

class SocketPeer final : public Peer {
 public:
  SocketPeer(int socket, SSL_CTX* tls, TestServer::Tls begin) : socket_(socket), context_(tls), tls_(nullptr, &SSL_free) {
    if (tls != nullptr && begin == TestServer::Tls::kAtOnce) start_tls();
  }

  bool start_tls() override {
    tls_.reset(SSL_new(context_));
    SSL_set_fd(tls_.get(), socket_);
    is_broken_ = SSL_accept(tls_.get()) != 1;
    return !is_broken_;
  }

  std::string line() override {
    std::size_t end = std::string::npos;
    while ((end = received_.find("\r\n")) == std::string::npos) {
      if (!more()) return {};
    }
    std::string one = received_.substr(0, end);
    received_.erase(0, end + 2);
    return one;
  }

  std::string request() override {
    std::size_t head = std::string::npos;
    while ((head = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return {};
    }
    head += 4;
    std::size_t length = 0;
    if (const std::size_t at = received_.find("Content-Length: "); at < head) length = std::stoul(received_.substr(at + 16));
    while (received_.size() < head + length) {
      if (!more()) return {};
    }
    std::string one = received_.substr(0, head + length);
    received_.erase(0, head + length);
    return one;
  }

  bool send(std::string_view bytes) override {
    while (!bytes.empty() && !is_broken_) {
      const auto sent = tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                             : static_cast<int>(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
      is_broken_ = sent <= 0;
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return !is_broken_;
  }

  void wait_closed() override {
    while (more()) continue;
  }

 private:
  bool more() {
    if (is_broken_) return false;
    char bytes[4'096];
    const auto count = tls_ ? SSL_read(tls_.get(), bytes, sizeof bytes) : static_cast<int>(::recv(socket_, bytes, sizeof bytes, 0));
    is_broken_ = count <= 0;
    if (count > 0) received_.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }

  int socket_;
  SSL_CTX* context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_;
  bool is_broken_ = false;
  std::string received_;
};

}  // namespace

Authority::Authority() : own_(make("weir test authority", 1, nullptr)) {
  std::string path = (std::filesystem::temp_directory_path() / "weir-authority-XXXXXX").string();
  const int file = ::mkstemp(path.data());
  REQUIRE(file >= 0);
  std::FILE* out = ::fdopen(file, "w");
  REQUIRE(PEM_write_X509(out, static_cast<X509*>(own_.certificate.get())) == 1);
  std::fclose(out);
  file_ = path;
}

Authority::~Authority() { std::filesystem::remove(file_); }

Authority::Certificate Authority::certificate_for(const std::string& name, int days) const { return make(name, days, &own_); }

TestServer::TestServer(Script script, const Authority::Certificate* certificate, Tls tls) : script_(std::move(script)), begin_(tls) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that the client has closed
  if (certificate != nullptr) {
    const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    REQUIRE(SSL_CTX_use_certificate(context.get(), static_cast<X509*>(certificate->certificate.get())) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(context.get(), static_cast<EVP_PKEY*>(certificate->key.get())) == 1);
    tls_ = context;
  }
  listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listening_, 64) == 0);
  socklen_t size = sizeof address;
  REQUIRE(::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { accept_all(); });
}

void TestServer::accept_all() {
  while (true) {
    const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (socket < 0 || is_over_) {
      if (socket >= 0) ::close(socket);
      return;
    }
    ++connections_;
    open_.push_back(socket);
    threads_.emplace_back([this, socket] {
      {
        SocketPeer peer(socket, static_cast<SSL_CTX*>(tls_.get()), begin_);
        script_(peer);
      }
      const std::lock_guard closing(mutex_);
      open_.remove(socket);
      ::close(socket);
    });
  }
}

TestServer::~TestServer() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
    ::shutdown(listening_, SHUT_RDWR);
  }
  accepting_.join();
  for (std::thread& thread : threads_) thread.join();
  ::close(listening_);
}

std::string answer_text(int status, const std::string& body, const std::string& headers) {
  return fmt::format("HTTP/1.1 {} Word\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), headers, body);
}

}  // namespace weir::testing
