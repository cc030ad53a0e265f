// A small HTTP/1.1 client for loopback: one connection kept alive, deadlines, no redirects, no TLS.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::demo {

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::map<std::string, std::string> headers{};  // by their names in lower case; of a header that comes twice the last value
};

class HttpClient {
 public:
  HttpClient(int port, Milliseconds patience) : port_(port), patience_(patience) {}
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient() { disconnect(); }

  using Headers = std::vector<std::pair<std::string, std::string>>;
  /// Fault kIo: no whole answer came; whether the request was taken is not known.
  [[nodiscard]] Result<HttpAnswer> get(const std::string& target) { return exchange("GET", target, {}, {}); }
  [[nodiscard]] Result<HttpAnswer> post(const std::string& target, const Headers& headers, std::string_view body) {
    return exchange("POST", target, headers, body);
  }

 private:
  [[nodiscard]] Result<HttpAnswer> exchange(std::string_view method, const std::string& target, const Headers& headers,
                                            std::string_view body);
  [[nodiscard]] Result<void> connect();
  [[nodiscard]] Result<HttpAnswer> read_answer();
  void disconnect();

  int port_;
  Milliseconds patience_;
  int socket_ = -1;
};

}  // namespace weir::demo
