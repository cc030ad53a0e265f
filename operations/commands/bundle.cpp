#include "operations/commands/bundle.hpp"

#include "common/core/json.hpp"
#include "common/core/result.hpp"
#include "operations/commands/scrubbing.hpp"

#include <fmt/format.h>
#include <zlib.h>

namespace weir::operations {

namespace {

constexpr std::size_t kBlock = 512;  // of tar
constexpr int kGzipWindow = 15 + 16;

void put(std::string& header, std::size_t at, std::string_view text) { header.replace(at, text.size(), text); }

/// A header of POSIX ustar and the text, filled up to whole blocks.
std::string tar_entry(const std::string& path, const std::string& text, Instant at) {
  WEIR_ASSERT(path.size() < 100);
  std::string header(kBlock, '\0');
  put(header, 0, path);
  put(header, 100, "0000600");
  put(header, 108, "0000000");
  put(header, 116, "0000000");
  put(header, 124, fmt::format("{:011o}", text.size()));
  put(header, 136, fmt::format("{:011o}", unix_ms(at) / 1000));
  put(header, 148, "        ");
  put(header, 156, "0");
  put(header, 257, "ustar");
  put(header, 263, "00");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(header, 148, fmt::format("{:06o}", sum));
  header[154] = '\0';
  return header + text + std::string((kBlock - text.size() % kBlock) % kBlock, '\0');
}

std::string gzipped(const std::string& text) {
  z_stream stream{};
  WEIR_ASSERT(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  std::string in = text;  // zlib's interface wants bytes that may be written
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  WEIR_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  WEIR_ASSERT(deflateEnd(&stream) == Z_OK);
  return out;
}

}  // namespace

void Bundle::add(std::string part, const std::string& text) { parts_.emplace_back(std::move(part), scrubbed(text, secrets_)); }

void Bundle::lacks(std::string part, const Fault& fault) {
  Fault told = fault;
  told.message = scrubbed(fault.message, secrets_);
  told.hint = scrubbed(fault.hint, secrets_);
  missing_.emplace_back(std::move(part), std::move(told));
}

void Bundle::leaves_out(std::string part, std::string why) { left_out_.emplace_back(std::move(part), std::move(why)); }

std::string Bundle::name() const {
  std::string time = format_instant(made_at_).substr(0, 19) + "Z";
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  return "weir-support-" + time;
}

std::string Bundle::contents() const {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("made_at", format_instant(made_at_)).name("parts").begin_array();
  for (const auto& [part, text] : parts_) {
    json.begin_object().member("part", part).member("bytes", static_cast<std::int64_t>(text.size())).end_object();
  }
  json.end_array().name("missing").begin_array();
  for (const auto& [part, fault] : missing_) json.begin_object().member("part", part).member("reason", fault.line()).end_object();
  json.end_array().name("left_out").begin_array();
  for (const auto& [part, why] : left_out_) json.begin_object().member("part", part).member("reason", why).end_object();
  json.end_array().end_object();
  return out + "\n";
}

std::string Bundle::archive() const {
  std::string tar = tar_entry(name() + "/contents.json", contents(), made_at_);
  for (const auto& [part, text] : parts_) tar += tar_entry(name() + "/" + part, text, made_at_);
  tar.append(2 * kBlock, '\0');
  return gzipped(tar);
}

}  // namespace weir::operations
