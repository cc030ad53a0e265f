#include "operations/commands/bundle.hpp"

#include "common/core/result.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

using namespace weir;
using namespace weir::operations;

namespace {

const Instant kAt = *parse_instant("2026-11-28T09:00:00Z");

std::string unzipped(const std::string& bytes) {
  std::string in = bytes;
  std::string out(1UL << 20U, '\0');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  REQUIRE(inflateEnd(&stream) == Z_OK);
  return out;
}

}  // namespace

TEST_CASE("an archive is whole blocks of tar: a header and a text for each part, and two empty blocks at the end") {
  Bundle bundle(kAt, {});
  bundle.add("a.txt", "hello");
  const std::string tar = unzipped(bundle.archive());
  CHECK(tar.size() == 512 * (2 + 2 + 2));
  CHECK(tar.substr(0, 43) == "weir-support-20261128T090000Z/contents.json");
  CHECK(tar.substr(257, 5) == "ustar");
  CHECK(tar.substr(1024, 35) == "weir-support-20261128T090000Z/a.txt");
  CHECK(tar.substr(1024 + 124, 11) == "00000000005");
  CHECK(tar.substr(1536, 5) == "hello");
  CHECK(tar.substr(2048).find_first_not_of('\0') == std::string::npos);
}

TEST_CASE("what is missing and what was left out are named with their reasons, and secrets are in no part and no reason") {
  Bundle bundle(kAt, {"rosebud"});
  bundle.add("a.txt", "x rosebud y");
  bundle.lacks("b.json", fail(FaultKind::kPgConnection, "no server at rosebud", "start rosebud").value());
  bundle.leaves_out("logs", "nobody asked");
  CHECK(bundle.missing().size() == 1);
  const std::string parts = R"({"made_at":"2026-11-28T09:00:00.000000Z","parts":[{"part":"a.txt","bytes":7}],)";
  const std::string rest =
      R"~("missing":[{"part":"b.json","reason":"no server at *** (start ***)"}],"left_out":[{"part":"logs","reason":"nobody asked"}]})~";
  CHECK(bundle.contents() == parts + rest + "\n");
  CHECK(unzipped(bundle.archive()).find("rosebud") == std::string::npos);
}
