# weir_embed(TARGET FILES…): embeds text files in a target. Paths are from the repository's root. The target's sources then
#   #include "embedded/TARGET.hpp"
# and call weir::embedded::TARGET(), which gives each file's path and text (common/core/embedded.hpp). A changed file is embedded anew.
function(weir_embed target)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/embedded-${target}")
  set(source "${folder}/${target}.cpp")
  set(absolute "")
  string(JOIN "," files ${ARGN})
  foreach(file IN LISTS ARGN)
    list(APPEND absolute "${PROJECT_SOURCE_DIR}/${file}")
  endforeach()
  file(CONFIGURE OUTPUT "${folder}/embedded/${target}.hpp" @ONLY CONTENT
"// Made by cmake/embed.cmake.
#pragma once
#include \"common/core/embedded.hpp\"
namespace weir::embedded {
[[nodiscard]] std::span<const EmbeddedFile> ${target}();
}  // namespace weir::embedded
")
  add_custom_command(OUTPUT "${source}"
    COMMAND "${CMAKE_COMMAND}" "-DTARGET=${target}" "-DROOT=${PROJECT_SOURCE_DIR}" "-DOUT=${source}" "-DFILES=${files}"
      -P "${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake"
    DEPENDS ${absolute} "${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake"
    COMMENT "Embedding files in ${target}" VERBATIM)
  target_sources(${target} PRIVATE "${source}")
  target_include_directories(${target} PRIVATE "${folder}")
endfunction()
