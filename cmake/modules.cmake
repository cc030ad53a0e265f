# One function to declare a module, one for a test, one for a bench. Sources are listed, never globbed.
include(precompiled)

# weir_module(NAME SOURCES … DEPENDS …): the static library weir_NAME. A module without SOURCES is headers only.
function(weir_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  if(arg_SOURCES)
    add_library(weir_${name} STATIC ${arg_SOURCES})
    target_link_libraries(weir_${name} PUBLIC weir_options ${arg_DEPENDS})
    weir_precompile(weir_${name} MODULE)
  else()
    add_library(weir_${name} INTERFACE)
    target_link_libraries(weir_${name} INTERFACE weir_options ${arg_DEPENDS})
  endif()
endfunction()

# weir_test(NAME LABELS unit SOURCES … DEPENDS … [TIMEOUT seconds]): a doctest program under ctest. The target tests_LABEL builds all that
# bear a label.
# component and e2e tests may start services of their own and are told where the weir executable is (WEIR_EXECUTABLE).
function(weir_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "LABELS;SOURCES;DEPENDS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE weir_options weir_doctest_main ${arg_DEPENDS})
  weir_precompile(${name} TEST)
  # Twice as long as it may take where a machine is slower, or has other work: a test that hangs is found either way.
  math(EXPR patience "2 * ${arg_TIMEOUT}")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${patience}
    ENVIRONMENT "WEIR_EXECUTABLE=$<TARGET_FILE_DIR:weir>/weir;WEIR_SOURCE_DIR=${PROJECT_SOURCE_DIR}")
  foreach(label IN LISTS arg_LABELS)
    if(NOT TARGET tests_${label})
      add_custom_target(tests_${label})
    endif()
    add_dependencies(tests_${label} ${name})
  endforeach()
  if(NOT "unit" IN_LIST arg_LABELS)
    add_dependencies(${name} weir)
  endif()
  weir_share_machine(${name} ${arg_TIMEOUT} ${arg_LABELS})
endfunction()

# weir_share_machine(TEST COST LABELS…): tests wait more than they compute, so that ./dev test runs one more at a time than there are cores.
# Each has ports, services and folders of its own. Those under e2e and chaos start every part of weir, and look at how long it takes to
# recover: one of them runs at a time, beside tests that start less. What may take longest begins first, so that no long test is left at the
# end alone.
function(weir_share_machine test cost)
  set_tests_properties(${test} PROPERTIES COST ${cost})
  if("e2e" IN_LIST ARGN OR "chaos" IN_LIST ARGN)
    set_tests_properties(${test} PROPERTIES RESOURCE_LOCK whole_pipeline)
  endif()
endfunction()

# weir_chaos(NAME SOURCES … [DEPENDS …]): the scenario chaos_NAME twice under ctest: its short form under the label chaos, its long one under
# chaos_long, which only ./dev test chaos --long runs.
function(weir_chaos name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  weir_test(chaos_${name} LABELS chaos SOURCES ${arg_SOURCES} DEPENDS weir_chaos ${arg_DEPENDS} TIMEOUT 300)
  weir_chaos_environment(chaos_${name})
  add_test(NAME chaos_${name}_long COMMAND chaos_${name})
  get_test_property(chaos_${name} ENVIRONMENT environment)
  set_tests_properties(chaos_${name}_long PROPERTIES LABELS chaos_long TIMEOUT 28800 RUN_SERIAL TRUE
    ENVIRONMENT "${environment};WEIR_CHAOS_FORM=long")
endfunction()

# Tells a test where the tape is, and builds it first.
function(weir_chaos_environment test)
  get_test_property(${test} ENVIRONMENT environment)
  set_tests_properties(${test} PROPERTIES ENVIRONMENT "${environment};WEIR_TAPE=$<TARGET_FILE:chaos_tape>")
  add_dependencies(${test} chaos_tape)
endfunction()

# weir_bench(NAME SOURCES … DEPENDS …): a program that ./dev bench runs; it prints its figure and floors measured in the same run.
function(weir_bench name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(bench_${name} EXCLUDE_FROM_ALL ${arg_SOURCES})
  target_link_libraries(bench_${name} PRIVATE weir_options weir_bench_support ${arg_DEPENDS})
  weir_precompile(bench_${name} TEST)
endfunction()
