// Rows on their way to Postgres in its binary forms: as a COPY stream, or as an array of a composite type, one parameter of a statement.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <libpq-fe.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::postgres {

/// Adds the values of a row in column order; nullopt is null. The columns must be of the types named: the server refuses others.
class RowWriter {
 public:
  void int2(std::int16_t value);
  void int4(std::int32_t value);
  void int8(std::optional<std::int64_t> value);
  void real8(std::optional<double> value);
  void boolean(bool value);
  void uuid(const Uuid& value);
  void uuid(const std::optional<Uuid>& value);
  void instant(std::optional<Instant> value);
  void date(std::optional<std::chrono::sys_days> value);
  void text(std::optional<std::string_view> value);  // in a COPY stream for varchar and bytea, too
  void jsonb(std::string_view value);
  void int4_array(std::span<const std::int32_t> values);
  void bytea_array(std::span<const std::string_view> values);
  void text_array(std::span<const std::string> values);
  void numeric(__int128 value);  // with scale 0
  [[nodiscard]] std::size_t rows() const { return rows_; }

 protected:
  /// What stands before each value: in an array its type as well.
  enum class Heading : std::uint8_t { kLength, kTypeAndLength };
  RowWriter(Heading heading, std::string_view begin);

  /// A place for so many more bytes, all of which the caller fills. It is good until the next call.
  char* room(std::size_t bytes) {
    if (size_ + bytes > buffer_.size()) grow(bytes);
    size_ += bytes;
    return buffer_.data() + size_ - bytes;
  }
  [[nodiscard]] char* at(std::size_t place) { return buffer_.data() + place; }
  [[nodiscard]] std::string_view written() const { return {buffer_.data(), size_}; }
  void keep(std::size_t bytes) { size_ = bytes; }

  std::size_t rows_ = 0;

 private:
  void grow(std::size_t bytes);
  /// Makes room for a value of `length` bytes and what stands before it; returns the place of the value.
  char* head(Oid type, std::int32_t length);
  char* array(Oid type, Oid element, std::size_t elements, std::size_t bytes);
  template <class T>
  void fixed(Oid type, T value);
  void null(Oid type);
  template <class Text>
  void strings(Oid type, Oid element, std::span<const Text> values);

  std::string buffer_;    // its size is how much memory there is; a string that grew by each value would call for each
  std::size_t size_ = 0;  // of what is written
  Heading heading_;
};

/// Rows for COPY … FROM STDIN (FORMAT binary): begin_row(n), then n values.
class CopyBuffer : public RowWriter {
 public:
  CopyBuffer();
  void begin_row(int columns);
  /// The stream, its header and trailer included. No row may follow.
  [[nodiscard]] std::string_view finish();

 private:
  bool finished_ = false;
};

/// A composite type and the array of it, as this database numbers them.
struct RowType {
  Oid element = 0;
  Oid array = 0;
};

/// Rows of a composite type for a parameter: begin_row(n), then n values.
class RowArray : public RowWriter {
 public:
  explicit RowArray(const RowType& type);
  void begin_row(int columns);
  [[nodiscard]] std::size_t bytes() const { return written().size(); }
  /// The parameter.
  [[nodiscard]] std::string_view finish();
  /// For rows anew, in the same memory.
  void clear();

 private:
  void end_row();
  std::size_t row_at_ = 0;  // of the last row's length; 0: there is none
};

}  // namespace weir::postgres
