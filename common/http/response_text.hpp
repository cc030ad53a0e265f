// Writes an answer as the bytes that go to the client. Pure.
#pragma once

#include "common/http/server.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace weir::http {

/// How an answer is written for its request and its connection, whatever the answer is.
struct ResponseForm {
  bool head_only = false;  // the request was a HEAD
  bool closes = false;     // the connection ends behind it
  std::string_view date;   // see HttpDate
};

[[nodiscard]] std::string response_text(const Response& response, const ResponseForm& form);

/// Moments as HTTP writes them: Sat, 21 Nov 2026 01:02:03 GMT. Keeps the text of the last one, since many answers fall within one second.
class HttpDate {
 public:
  [[nodiscard]] const std::string& text(std::chrono::sys_seconds at);

 private:
  std::string text_;
  std::chrono::sys_seconds at_{};
};

}  // namespace weir::http
