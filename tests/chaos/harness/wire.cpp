#include "tests/chaos/harness/wire.hpp"

#include <algorithm>
#include <utility>

namespace weir::chaos {
namespace {

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<std::uint8_t>(bytes[at + i]);
  return value;
}

std::string framed(char type, const std::string& body) {
  const auto length = static_cast<std::uint32_t>(body.size() + 4);
  std::string out(1, type);
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out.push_back(static_cast<char>(length >> shift & 0xFFU));
  return out + body;
}

}  // namespace

void MessageStream::feed(std::string_view bytes) {
  buffer_.erase(0, std::exchange(taken_, 0));
  buffer_.append(bytes);
}

std::optional<Message> MessageStream::next() {
  const std::string_view left = std::string_view(buffer_).substr(taken_);
  const std::size_t head = startup_ ? 0 : 1;
  if (left.size() < head + 4) return std::nullopt;
  const std::size_t size = head + number_at(left, head);
  if (left.size() < size) return std::nullopt;
  taken_ += size;
  return Message{startup_ ? '\0' : left.front(), std::string(left.substr(0, size))};
}

std::uint32_t startup_code(const Message& message) { return message.bytes.size() < 8 ? 0 : number_at(message.bytes, 4); }

std::string_view take_text(std::string_view& body) {
  const std::string_view text = body.substr(0, body.find('\0'));
  body.remove_prefix(std::min(body.size(), text.size() + 1));
  return text;
}

std::string query_message(const std::string& sql) { return framed('Q', sql + '\0'); }

std::string fatal_message(const std::string& sqlstate) {
  const std::string zero(1, '\0');
  return framed('E', "SFATAL" + zero + "VFATAL" + zero + "C" + sqlstate + zero + "Minjected: " + sqlstate + zero + zero);
}

}  // namespace weir::chaos
