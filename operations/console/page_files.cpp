#include "operations/console/page_files.hpp"

#include "common/core/digest.hpp"
#include "common/core/embedded.hpp"
#include "embedded/weir_console.hpp"

#include <array>
#include <utility>

namespace weir::console {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kTypes{{{".html", "text/html; charset=utf-8"},
                                                                               {".css", "text/css; charset=utf-8"},
                                                                               {".js", "text/javascript; charset=utf-8"},
                                                                               {".svg", "image/svg+xml"},
                                                                               {".json", "application/json"},
                                                                               {".txt", "text/plain; charset=utf-8"}}};

std::string_view type_of(std::string_view path) {
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

}  // namespace

std::optional<http::Response> page_file(const http::Request& request) {
  const std::string path = "operations/console/page" + (request.path == "/" ? std::string("/index.html") : request.path);
  const EmbeddedFile* file = find_embedded(embedded::weir_console(), path);
  if (file == nullptr) return std::nullopt;
  constexpr int kNotModified = 304;
  const std::string tag = '"' + hex(sha256(file->text)).substr(0, 32) + '"';
  const bool is_known = request.header("if-none-match") == tag;
  return http::Response{.status = is_known ? kNotModified : 200,
                        .content_type = std::string(type_of(path)),
                        .body = is_known ? std::string() : std::string(file->text),
                        .headers = {{"Cache-Control", "no-cache"}, {"ETag", tag}}};
}

}  // namespace weir::console
