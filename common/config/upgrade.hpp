// Keys that moved. Whatever belongs to a consumer stands under consumers.NAME: rollups.retention is consumers.rollups.retention. A former
// key is refused with its present one, and a file with former keys can be printed with the present ones.
#pragma once

#include "common/config/config.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace weir::config {

/// The present key of a former one; none where the key is no former one.
[[nodiscard]] std::optional<std::string> present_key(const Schema& schema, std::string_view former);
/// Likewise of a variable: WEIR_ROLLUPS_RETENTION → WEIR_CONSUMERS_ROLLUPS_RETENTION.
[[nodiscard]] std::optional<std::string> present_variable(const Schema& schema, std::string_view former);

/// The file that `inputs` name, with present keys, and a remark a variable that is to be renamed. Comments are not kept; secrets stand as
/// they do in the file. Where there is no file, the remarks alone.
[[nodiscard]] Result<std::string> upgraded(const Schema& schema, const Inputs& inputs);

}  // namespace weir::config
