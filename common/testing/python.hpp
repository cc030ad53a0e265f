// The Python that tests compare figures with, and that receives calls to providers: `./dev deps --python` makes it in the cache, with the
// packages of tests/python.txt.
#pragma once

#include <filesystem>
#include <optional>

namespace weir::testing {

/// Its executable; none where it was not made.
[[nodiscard]] std::optional<std::filesystem::path> python();

}  // namespace weir::testing
