# Run by the target configuration_page: puts what `weir config --reference` prints between the fences of docs/configuration.md.
execute_process(COMMAND "${WEIR}" config --reference OUTPUT_VARIABLE reference COMMAND_ERROR_IS_FATAL ANY)
file(READ "${PAGE}" page)
string(FIND "${page}" "```yaml\n" begin)
string(SUBSTRING "${page}" 0 ${begin} head)
file(WRITE "${PAGE}" "${head}```yaml\n")
file(APPEND "${PAGE}" "${reference}")
file(APPEND "${PAGE}" "```\n")
