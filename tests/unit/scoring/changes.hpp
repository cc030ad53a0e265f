// Records of changes as Debezium writes them, and how a decoder ends them.
#pragma once

#include "common/runtime/event.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <string>

namespace weir::scoring {

inline const std::string kOrganizationText = "a0000000-0000-4000-8000-000000000000";
inline const std::string kUserText = "a0000000-0000-4000-8000-000000000001";

inline std::string envelope(const std::string& op, const std::string& before, const std::string& after) {
  return fmt::format(
      R"({{"before": {}, "after": {}, "source": {{"version": "1", "connector": "postgresql", "name": "s", "ts_ms": 1795003201000, "db": "d", "sequence": "[\"1\",\"2\"]", "schema": "public", "table": "t", "txId": 7, "lsn": 2}}, "op": "{}", "ts_ms": 1795003201000}})",
      before, after, op);
}

inline std::string ending(const runtime::DecodeResult& result) {
  if (!result.ending) return "event";
  if (const auto* skipped = std::get_if<runtime::Skipped>(&*result.ending)) return std::string(skipped->reason);
  return "dead " + std::get<runtime::Dead>(*result.ending).reason;
}

inline runtime::DecodeResult decode(const std::shared_ptr<runtime::Decoder>& decoder, const std::string& value) {
  runtime::Record record;
  record.topic = "weir.cdc.public.t";
  record.value = value;
  return decoder->decode(record);
}

}  // namespace weir::scoring
