# Run by weir_embed: writes OUT, a C++ file that holds FILES (paths from ROOT, separated by commas) as raw strings.
# The literal's own length is taken, since a compiler counts no more than 262144 characters of a constant.
cmake_minimum_required(VERSION 3.25)
string(REPLACE "," ";" FILES "${FILES}")
file(WRITE "${OUT}" "// Made by cmake/embed_files.cmake.\n#include \"embedded/${TARGET}.hpp\"\n#include <array>\nnamespace weir::embedded {\nnamespace {\nusing namespace std::string_view_literals;\n")
file(APPEND "${OUT}" "constexpr std::array kFiles{\n")
foreach(file IN LISTS FILES)
  file(READ "${ROOT}/${file}" text)
  file(APPEND "${OUT}" "EmbeddedFile{\"${file}\", R\"weir_embed(")
  file(APPEND "${OUT}" "${text}")
  file(APPEND "${OUT}" ")weir_embed\"sv},\n")
endforeach()
file(APPEND "${OUT}" "};\n}  // namespace\nstd::span<const EmbeddedFile> ${TARGET}() { return kFiles; }\n}  // namespace weir::embedded\n")
