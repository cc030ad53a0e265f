# Compiler settings for every target of weir: warnings are errors, one dialect, one processor level.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS ON) # WEIR_TRY is a statement expression
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(weir_options INTERFACE)
target_include_directories(weir_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(weir_options INTERFACE -Wall -Wextra -Wconversion -Wshadow -Wswitch-enum -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 sees overlaps in std::string's own code where there are none, once it optimizes (GCC bug 105651, mended in 13).
  target_compile_options(weir_options INTERFACE -Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # -Wconversion is more to clang than to g++, which decides.
  target_compile_options(weir_options INTERFACE -Wno-sign-conversion)
endif()
target_compile_definitions(weir_options INTERFACE WEIR_VERSION="${PROJECT_VERSION}")

# simdjson's on-demand parser picks its kernel at compile time, so the processor level is a choice of the build.
set(WEIR_MARCH "auto" CACHE STRING "Processor level: auto (x86-64-v3 where this machine has it), x86-64-v3, or baseline")
if(WEIR_MARCH STREQUAL "auto")
  set(weir_cpu_flags "")
  if(EXISTS /proc/cpuinfo)
    file(STRINGS /proc/cpuinfo weir_cpu_flags REGEX "^flags" LIMIT_COUNT 1)
  endif()
  if(weir_cpu_flags MATCHES " avx2 " AND weir_cpu_flags MATCHES " bmi2 " AND weir_cpu_flags MATCHES " fma ")
    set(WEIR_MARCH_EFFECTIVE "x86-64-v3")
  else()
    set(WEIR_MARCH_EFFECTIVE "baseline")
  endif()
else()
  set(WEIR_MARCH_EFFECTIVE "${WEIR_MARCH}")
endif()
if(NOT WEIR_MARCH_EFFECTIVE STREQUAL "baseline")
  target_compile_options(weir_options INTERFACE "-march=${WEIR_MARCH_EFFECTIVE}")
endif()
# simdjson's kernel for this processor level also needs carry-less multiplication, which every x86-64-v3 processor has, but which is
# not part of the level: without this flag on-demand falls back to its portable code. For all targets: one precompiled header serves only
# sources with the same flags.
if(WEIR_MARCH_EFFECTIVE STREQUAL "x86-64-v3")
  target_compile_options(weir_options INTERFACE -mpclmul)
endif()

set(WEIR_SANITIZE "" CACHE STRING "Sanitizers for every target: empty, address,undefined or thread")
if(WEIR_SANITIZE)
  target_compile_options(weir_options INTERFACE "-fsanitize=${WEIR_SANITIZE}" -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 sees uninitialized members inside std::regex and std::function once their checks are woven in; there are none.
    target_compile_options(weir_options INTERFACE -Wno-maybe-uninitialized)
  endif()
  target_link_options(weir_options INTERFACE "-fsanitize=${WEIR_SANITIZE}")
endif()

# libFuzzer looks for inputs that reach new code, so that all code of weir says where it was.
option(WEIR_FUZZ "Build the fuzzers (needs clang)" OFF)
if(WEIR_FUZZ)
  target_compile_options(weir_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(WEIR_CCACHE ccache)
if(WEIR_CCACHE)
  # What ccache must overlook before it takes a compilation with a precompiled header, and that it need not read that header each time.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_INODECACHE=1 "${WEIR_CCACHE}")
endif()
find_program(WEIR_MOLD mold)
if(WEIR_MOLD)
  target_link_options(weir_options INTERFACE -fuse-ld=mold)
endif()
