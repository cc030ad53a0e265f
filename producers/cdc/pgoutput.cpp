#include "producers/cdc/pgoutput.hpp"

#include <fmt/format.h>

namespace weir::cdc::pgoutput {

namespace {

constexpr std::int64_t kPostgresEpochMicros = 946'684'800'000'000;

/// Takes values off the front. After the first missing value every other is empty, and `broken` stays set.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T integer() {
    if (!has(sizeof(T))) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value = (value << 8U) | static_cast<unsigned char>(bytes_[at_ + i]);
    at_ += sizeof(T);
    return static_cast<T>(value);
  }
  char letter() { return static_cast<char>(integer<std::uint8_t>()); }
  Lsn lsn() { return Lsn{integer<std::uint64_t>()}; }
  Instant time() { return from_postgres_time(integer<std::int64_t>()); }

  std::string_view text() {
    if (broken_) return {};
    const auto end = bytes_.find('\0', at_);
    if (end == std::string_view::npos) {
      broken_ = true;
      return {};
    }
    const auto value = bytes_.substr(at_, end - at_);
    at_ = end + 1;
    return value;
  }

  std::string_view block(std::size_t size) {
    if (!has(size)) return {};
    const auto value = bytes_.substr(at_, size);
    at_ += size;
    return value;
  }

  void refuse() { broken_ = true; }
  [[nodiscard]] bool broken() const { return broken_; }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }
  [[nodiscard]] bool whole() const { return !broken_ && at_ == bytes_.size(); }

 private:
  bool has(std::size_t size) {
    if (broken_ || size > left()) broken_ = true;
    return !broken_;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  bool broken_ = false;
};

Tuple tuple(Cursor& in) {
  const auto count = in.integer<std::uint16_t>();
  Tuple cells;
  // Each cell takes at least one byte, so that a wrong count cannot ask for more memory than the message has.
  if (count > in.left()) in.refuse();
  if (in.broken()) return cells;
  cells.reserve(count);
  for (std::uint16_t i = 0; i < count && !in.broken(); ++i) {
    const char kind = in.letter();
    if (kind == 'n') {
      cells.push_back({Cell::Kind::kNull, {}});
    } else if (kind == 'u') {
      cells.push_back({Cell::Kind::kUnchanged, {}});
    } else if (kind == 't') {
      const auto size = in.integer<std::uint32_t>();
      cells.push_back({Cell::Kind::kText, in.block(size)});
    } else {
      in.refuse();
    }
  }
  return cells;
}

Old old_row(Cursor& in, char mark, Tuple& row) {
  row = tuple(in);
  return mark == 'K' ? Old::kKey : Old::kWhole;
}

Relation relation(Cursor& in) {
  Relation result;
  result.id = in.integer<std::uint32_t>();
  result.schema = in.text();
  result.name = in.text();
  result.identity = in.letter();
  const auto count = in.integer<std::uint16_t>();
  if (count > in.left()) in.refuse();
  for (std::uint16_t i = 0; i < count && !in.broken(); ++i) {
    Column column;
    column.identity = (in.integer<std::uint8_t>() & 1U) != 0;
    column.name = in.text();
    column.type = in.integer<std::uint32_t>();
    column.modifier = in.integer<std::int32_t>();
    result.columns.push_back(column);
  }
  return result;
}

Insert insert(Cursor& in) {
  Insert result;
  result.relation = in.integer<std::uint32_t>();
  if (in.letter() != 'N') in.refuse();
  result.row = tuple(in);
  return result;
}

Update update(Cursor& in) {
  Update result;
  result.relation = in.integer<std::uint32_t>();
  char mark = in.letter();
  if (mark == 'K' || mark == 'O') {
    result.old_kind = old_row(in, mark, result.old_row);
    mark = in.letter();
  }
  if (mark != 'N') in.refuse();
  result.row = tuple(in);
  return result;
}

Delete erase(Cursor& in) {
  Delete result;
  result.relation = in.integer<std::uint32_t>();
  const char mark = in.letter();
  if (mark != 'K' && mark != 'O') in.refuse();
  result.old_kind = old_row(in, mark, result.old_row);
  return result;
}

Truncate truncate(Cursor& in) {
  Truncate result;
  const auto count = in.integer<std::uint32_t>();
  static_cast<void>(in.integer<std::uint8_t>());
  if (count > in.left() / sizeof(std::uint32_t)) in.refuse();
  for (std::uint32_t i = 0; i < count && !in.broken(); ++i) result.relations.push_back(in.integer<std::uint32_t>());
  return result;
}

Logical logical(Cursor& in) {
  Logical result;
  result.transactional = (in.integer<std::uint8_t>() & 1U) != 0;
  result.lsn = in.lsn();
  result.prefix = in.text();
  const auto size = in.integer<std::uint32_t>();
  result.content = in.block(size);
  return result;
}

Begin begin(Cursor& in) {
  Begin result;
  result.final_lsn = in.lsn();
  result.committed_at = in.time();
  result.xid = in.integer<std::uint32_t>();
  return result;
}

Commit commit(Cursor& in) {
  Commit result;
  static_cast<void>(in.integer<std::uint8_t>());
  result.commit_lsn = in.lsn();
  result.end_lsn = in.lsn();
  result.committed_at = in.time();
  return result;
}

Origin origin(Cursor& in) {
  Origin result;
  result.lsn = in.lsn();
  result.name = in.text();
  return result;
}

Type type(Cursor& in) {
  Type result;
  result.id = in.integer<std::uint32_t>();
  result.schema = in.text();
  result.name = in.text();
  return result;
}

std::optional<Message> of_kind(char kind, Cursor& in) {
  switch (kind) {
    case 'B':
      return begin(in);
    case 'C':
      return commit(in);
    case 'O':
      return origin(in);
    case 'R':
      return relation(in);
    case 'Y':
      return type(in);
    case 'I':
      return insert(in);
    case 'U':
      return update(in);
    case 'D':
      return erase(in);
    case 'T':
      return truncate(in);
    case 'M':
      return logical(in);
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<Message> decode(std::string_view bytes) {
  constexpr auto kHint = "weir speaks pgoutput protocol 1; is the slot's plugin pgoutput?";
  Cursor in(bytes);
  const char kind = in.letter();
  if (in.broken()) return fail(FaultKind::kData, "an empty pgoutput message", kHint);
  auto message = of_kind(kind, in);
  if (!message) return fail(FaultKind::kData, fmt::format("unknown pgoutput message 0x{:02x}", static_cast<unsigned char>(kind)), kHint);
  if (!in.whole()) {
    return fail(FaultKind::kData,
                fmt::format("pgoutput message '{}' of {} bytes does not fit its grammar at byte {}", kind, bytes.size(), in.at()), kHint);
  }
  return *std::move(message);
}

Instant from_postgres_time(std::int64_t microseconds) {
  std::int64_t sum = 0;
  // Only damaged bytes can give a time that overflows; it becomes the farthest time instead of wrapping around.
  if (__builtin_add_overflow(microseconds, kPostgresEpochMicros, &sum)) sum = microseconds < 0 ? INT64_MIN : INT64_MAX;
  return Instant{Microseconds{sum}};
}

std::int64_t to_postgres_time(Instant instant) { return unix_us(instant) - kPostgresEpochMicros; }

}  // namespace weir::cdc::pgoutput
