#include "common/postgres/wire.hpp"

#include "common/postgres/statements.hpp"

namespace weir::postgres {

Params& Params::add(bool value) {
  values_.push_back({std::string(1, value ? '\1' : '\0'), wire::kBool, 1});
  return *this;
}

Params& Params::add(double value) {
  std::string bytes;
  wire::put_real(bytes, value);
  values_.push_back({std::move(bytes), wire::kFloat8, 1});
  return *this;
}

Params& Params::add(std::string_view text) {
  values_.push_back({std::string(text), wire::kText, 1});
  return *this;
}

Params& Params::add(const Uuid& id) {
  std::string bytes;
  wire::put_uuid(bytes, id);
  values_.push_back({std::move(bytes), wire::kUuid, 1});
  return *this;
}

Params& Params::add(Instant instant) {
  std::string bytes;
  wire::put_instant(bytes, instant);
  values_.push_back({std::move(bytes), wire::kTimestampTz, 1});
  return *this;
}

Params& Params::add_bytes(std::string_view bytes) {
  values_.push_back({std::string(bytes), wire::kBytea, 1});
  return *this;
}

Params& Params::add_json(std::string_view json) {
  values_.push_back({"\1" + std::string(json), wire::kJsonb, 1});
  return *this;
}

Params& Params::add_null() {
  values_.push_back({std::nullopt, 0, 0});
  return *this;
}

Params& Params::add_int8(std::int64_t value) {
  std::string bytes;
  wire::put(bytes, value);
  values_.push_back({std::move(bytes), wire::kInt8, 1});
  return *this;
}

Params& Params::add_array(std::span<const std::int64_t> values) {
  std::string bytes;
  wire::put_array(bytes, wire::kInt8, values, [](std::string& out, std::int64_t value) { wire::put(out, value); });
  values_.push_back({std::move(bytes), wire::kInt8Array, 1});
  return *this;
}

Params& Params::add_array(std::span<const std::string> values) {
  std::string bytes;
  wire::put_array(bytes, wire::kText, values, [](std::string& out, const std::string& value) { out.append(value); });
  values_.push_back({std::move(bytes), wire::kTextArray, 1});
  return *this;
}

Params& Params::add_array(std::span<const Uuid> values) {
  std::string bytes;
  wire::put_array(bytes, wire::kUuid, values, [](std::string& out, const Uuid& value) { wire::put_uuid(out, value); });
  values_.push_back({std::move(bytes), wire::kUuidArray, 1});
  return *this;
}

Params& Params::add_array(std::span<const Instant> values) {
  std::string bytes;
  wire::put_array(bytes, wire::kTimestampTz, values, [](std::string& out, Instant value) { wire::put_instant(out, value); });
  values_.push_back({std::move(bytes), wire::kTimestampTzArray, 1});
  return *this;
}

}  // namespace weir::postgres
