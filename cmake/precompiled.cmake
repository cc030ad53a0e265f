# One precompiled header for all of weir: the headers that most sources need and that cost most to read. It takes a third off the time of
# a build from nothing. Since it also gives a source what that source forgot to include, only the presets dev and tsan use it for all
# sources (ON). asan uses it for test programs alone (TESTS); release and coverage compile each source by itself (OFF).
set(WEIR_PRECOMPILED OFF CACHE STRING "Read the heavy headers once: for no sources, for TESTS, or for all (ON); hides a forgotten include")

if(NOT WEIR_PRECOMPILED STREQUAL "OFF")
  set(weir_precompiled_source "${CMAKE_CURRENT_BINARY_DIR}/precompiled.cpp")
  file(CONFIGURE OUTPUT "${weir_precompiled_source}" CONTENT "// Made by cmake/precompiled.cmake.\n")
  add_library(weir_precompiled OBJECT "${weir_precompiled_source}")
  target_link_libraries(weir_precompiled PRIVATE weir_options fmt::fmt)
  target_compile_definitions(weir_options INTERFACE FMT_SHARED) # as whoever links it has: all must agree
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(weir_options INTERFACE -fpch-preprocess) # ccache sees by it that there is one
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # As with -Wrestrict (options.cmake), at the everyday -O1: the other presets look.
    target_compile_options(weir_options INTERFACE -Wno-array-bounds -Wno-stringop-overflow)
  endif()
  target_precompile_headers(weir_precompiled PRIVATE
    <algorithm> <array> <chrono> <condition_variable> <filesystem> <functional> <map> <memory> <mutex> <optional> <set> <span> <string>
    <string_view> <thread> <unordered_map> <utility> <variant> <vector> <fmt/format.h> <tl/expected.hpp>)
endif()

# weir_precompile(TARGET KIND): the target's sources start from the precompiled header, where this build has one for sources of this kind
# (MODULE or TEST).
function(weir_precompile target kind)
  if(WEIR_PRECOMPILED STREQUAL "ON" OR (WEIR_PRECOMPILED STREQUAL "TESTS" AND kind STREQUAL "TEST"))
    target_precompile_headers(${target} REUSE_FROM weir_precompiled)
  endif()
endfunction()
