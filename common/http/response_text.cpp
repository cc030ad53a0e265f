#include "common/http/response_text.hpp"

#include "common/http/problem.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <cstddef>

namespace weir::http {

namespace {

/// A header value cannot end its line.
void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  const auto begin = static_cast<std::ptrdiff_t>(out.size());
  out += value;
  const auto ends_line = [](char character) { return static_cast<unsigned char>(character) < 0x20 && character != '\t'; };
  std::replace_if(out.begin() + begin, out.end(), ends_line, ' ');
  out += "\r\n";
}

}  // namespace

std::string response_text(const Response& response, const ResponseForm& form) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ' + std::string(status_text(response.status)) + "\r\n";
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!response.body.empty() || response.writer) append_header(out, "Content-Type", response.content_type);
  if (!bodiless && !response.writer) append_header(out, "Content-Length", std::to_string(response.body.size()));
  append_header(out, "Date", form.date);
  append_header(out, "Connection", form.closes ? "close" : "keep-alive");
  for (const auto& [name, value] : response.headers) append_header(out, name, value);
  out += "\r\n";
  if (!form.head_only && !bodiless) out += response.body;
  return out;
}

const std::string& HttpDate::text(std::chrono::sys_seconds at) {
  if (at != at_ || text_.empty()) text_ = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(at.time_since_epoch().count()));
  at_ = at;
  return text_;
}

}  // namespace weir::http
