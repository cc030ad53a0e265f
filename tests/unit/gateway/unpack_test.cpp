// Compressed bodies, whole and broken.
#include "tests/unit/gateway/gzip.hpp"

#include "producers/gateway/unpack.hpp"

#include <rapidcheck.h>

#include <optional>

namespace gateway = weir::gateway;
namespace http = weir::http;
using weir::testing::gzip;

namespace {

struct Unpacked {
  std::optional<http::Problem> problem;
  std::string body;
};

Unpacked unpack(std::string body, std::string coding = "gzip", std::size_t max_bytes = 1'000'000) {
  http::Request request;
  request.headers = {{"content-encoding", std::move(coding)}};
  request.body = std::move(body);
  auto problem = gateway::unpack_body(request, max_bytes);
  return {std::move(problem), request.body};
}

}  // namespace

TEST_CASE("a body comes out as it was before gzip, of whatever size, in one member or several") {
  for (const std::size_t size : {0UL, 1UL, 16'384UL, 16'385UL, 999'999UL, 1'000'000UL}) {
    CAPTURE(size);
    const std::string text(size, 'x');
    for (const char* coding : {"gzip", "x-gzip", "GZip"}) CHECK(unpack(gzip(text), coding).body == text);
  }
  CHECK(unpack(gzip("ab") + gzip("cd")).body == "abcd");
  CHECK(rc::check([](const std::string& text) { RC_ASSERT(unpack(gzip(text)).body == text); }));
}

TEST_CASE("a body without a coding is left as it is") {
  CHECK(unpack("abc", "").body == "abc");
  CHECK(unpack("abc", "identity").body == "abc");
}

TEST_CASE("a body that unpacks to more than the bound is refused, however small it is packed") {
  const std::string bomb = gzip(std::string(1'000'001, 'x'));
  CHECK(bomb.size() < 2'000);
  CHECK(unpack(bomb).problem->status == 413);
  CHECK(unpack(gzip(std::string(700'000, 'x')) + gzip(std::string(700'000, 'x'))).problem->status == 413);
}

TEST_CASE("a body that is not gzip, cut off, or damaged is refused with 400, and one of another coding with 415") {
  const std::string packed = gzip(std::string(100'000, 'x') + "end");
  for (std::size_t size = 0; size < packed.size(); ++size) CHECK(unpack(packed.substr(0, size)).problem->status == 400);
  std::string damaged = packed;
  damaged[damaged.size() - 5] ^= 1;  // of the checksum
  CHECK(unpack(damaged).problem->status == 400);
  CHECK(unpack(packed + "tail").problem->status == 400);
  CHECK(unpack("{}").problem->status == 400);
  for (const char* coding : {"br", "deflate", "gzip, gzip", "zstd"}) {
    CAPTURE(coding);
    const auto refused = unpack(packed, coding).problem;
    CHECK(refused->status == 415);
    CHECK(refused->code == "unsupported_encoding");
  }
}
