#include "common/delivery/job.hpp"

#include <array>

namespace weir::delivery {

namespace {

constexpr std::array<std::string_view, std::variant_size_v<Verdict>> kNames{"accepted", "postponed", "paused",   "divided",
                                                                            "refused",  "unknown",   "not_begun"};

}  // namespace

std::string_view verdict_name(const Verdict& verdict) { return kNames.at(verdict.index()); }

}  // namespace weir::delivery
