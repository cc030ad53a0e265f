// A broken invariant ends the process by _Exit and the exit code of a bug; libFuzzer keeps the input of a process that aborts. So in a
// fuzzer the one becomes the other. The linker gives all calls of _Exit to the first function here (--wrap); libFuzzer has some too.
#include "common/core/fault.hpp"

#include <cstdlib>

extern "C" [[noreturn]] void __real__Exit(int code);
extern "C" [[noreturn]] void __wrap__Exit(int code);

extern "C" void __wrap__Exit(int code) {
  if (code == static_cast<int>(weir::ExitCode::kBug)) std::abort();
  __real__Exit(code);
}
