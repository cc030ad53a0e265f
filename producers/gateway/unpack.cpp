#include "producers/gateway/unpack.hpp"

#include "common/core/text.hpp"
#include "producers/gateway/answers.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <string>
#include <utility>

namespace weir::gateway {

namespace {

constexpr std::size_t kFirstBytes = 16UL << 10U;
constexpr int kGzipAlone = 16 + MAX_WBITS;  // zlib's sign for a gzip header

enum class Ending : std::uint8_t { kWhole, kBroken, kTooLarge };

class Inflater {
 public:
  Inflater() { is_ready_ = inflateInit2(&stream_, kGzipAlone) == Z_OK; }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (is_ready_) inflateEnd(&stream_);
  }

  /// A body is one member of gzip or several, one behind the other (RFC 1952, 2.2).
  Ending run(std::string& packed, std::string& out, std::size_t max_bytes) {
    if (!is_ready_) return Ending::kBroken;
    stream_.next_in = reinterpret_cast<Bytef*>(packed.data());
    stream_.avail_in = static_cast<uInt>(packed.size());
    std::size_t filled = 0;
    while (true) {
      // One byte more than may be taken shows that there is more.
      if (filled == out.size()) out.resize(std::min(std::max(kFirstBytes, 2 * out.size()), max_bytes + 1));
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
      stream_.avail_out = static_cast<uInt>(out.size() - filled);
      const int result = inflate(&stream_, Z_NO_FLUSH);
      filled = out.size() - stream_.avail_out;
      if (filled > max_bytes) return Ending::kTooLarge;
      if (result == Z_STREAM_END && stream_.avail_in == 0) break;
      if (result == Z_STREAM_END ? inflateReset(&stream_) != Z_OK : result != Z_OK) return Ending::kBroken;
      if (stream_.avail_in == 0 && stream_.avail_out > 0) return Ending::kBroken;  // cut off
    }
    out.resize(filled);
    return Ending::kWhole;
  }

 private:
  z_stream stream_{};
  bool is_ready_ = false;
};

}  // namespace

std::optional<http::Problem> unpack_body(http::Request& request, std::size_t max_bytes) {
  const std::string coding = lower(request.header("content-encoding"));
  if (coding.empty() || coding == "identity") return std::nullopt;
  if (coding != "gzip" && coding != "x-gzip") {
    return http::problem(415, std::string(kUnsupportedEncoding), "Send the body as it is, or with Content-Encoding: gzip.");
  }
  std::string unpacked;
  switch (Inflater().run(request.body, unpacked, max_bytes)) {
    case Ending::kWhole:
      request.body = std::move(unpacked);
      return std::nullopt;
    case Ending::kBroken:
      return http::problem(400, "malformed_gzip", "The body is not gzip (RFC 1952), or it is cut off.");
    case Ending::kTooLarge:
      return http::problem(413, "batch_too_large", fmt::format("A body holds at most {} bytes, unpacked.", max_bytes));
  }
  return std::nullopt;
}

}  // namespace weir::gateway
