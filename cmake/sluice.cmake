# SPDX-License-Identifier: Apache-2.0
# The few functions the build is written in.

# Designated initialisers leave fields to their defaults on purpose.
set(SLUICE_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Werror -Wno-missing-field-initializers
    # To clang a header after another file's anonymous namespace shadows its names: unity builds.
    $<$<CXX_COMPILER_ID:GNU>:-Wshadow>)

# Settings of every target of our own. No contraction of a*b+c into one rounding: float32 steps are
# rounded one by one, on every machine alike.
function(sl_settings target)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
  target_compile_options(${target} PRIVATE ${SLUICE_WARNINGS} -ffp-contract=off
    # GCC collects its garbage late: a sixth of its time.
    $<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=524288>)
endfunction()

# In unity builds (CMakePresets.json says which) several files are compiled as one. Not those
# that Highway includes again and again, once per instruction set.
function(sl_compile_highway_kernels_alone)
  foreach(source ${ARGN})
    get_filename_component(path ${source} ABSOLUTE)
    if(path MATCHES "[.]cpp$" AND EXISTS ${path})
      file(STRINGS ${path} line REGEX "^#include <hwy/foreach_target.h>" LIMIT_COUNT 1)
      if(line)
        set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
      endif()
    endif()
  endforeach()
endfunction()

# sl_add_layer(NAME SOURCES a.cpp… [DEPS layer…] [LINK library…]): the static library sluice_NAME,
# alias sluice::NAME. LINK libraries are the layer's own business, seen only by the linker.
function(sl_add_layer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LINK" ${ARGN})
  add_library(sluice_${name} STATIC ${ARG_SOURCES})
  add_library(sluice::${name} ALIAS sluice_${name})
  sl_settings(sluice_${name})
  sl_compile_highway_kernels_alone(${ARG_SOURCES})
  foreach(dep ${ARG_DEPS})
    target_link_libraries(sluice_${name} PUBLIC sluice::${dep})
  endforeach()
  target_link_libraries(sluice_${name} PUBLIC fmt::fmt PRIVATE ${ARG_LINK})
endfunction()

# sl_add_tests(NAME LABEL label [AS_ONE] SOURCES a_test.cpp… LINK sluice::layer…): the program
# test_NAME, its cases known to ctest one by one under the label, or AS_ONE where the program takes
# long to start. The target unit_tests builds all of label unit.
add_custom_target(unit_tests)
set(SLUICE_TEST_OPTIONS "" CACHE STRING "What tests alone are compiled with: they are half of the code")
function(sl_add_tests name)
  cmake_parse_arguments(ARG "AS_ONE" "LABEL" "SOURCES;LINK" ${ARGN})
  add_executable(test_${name} ${ARG_SOURCES})
  sl_settings(test_${name})
  target_compile_options(test_${name} PRIVATE ${SLUICE_TEST_OPTIONS})
  target_link_libraries(test_${name} PRIVATE ${ARG_LINK} GTest::gtest_main)
  if(ARG_AS_ONE)
    add_test(NAME ${name} COMMAND test_${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    # Threads that spin where they wait make LibTorch many times slower on a busy machine.
    set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL}
      ENVIRONMENT OMP_WAIT_POLICY=passive)
  else()
    gtest_discover_tests(test_${name} DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${ARG_LABEL}
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  endif()
  if(ARG_LABEL STREQUAL unit)
    add_dependencies(unit_tests test_${name})
  endif()
endfunction()

# sl_add_python_tests(NAME LABEL label FILES a_test.py…): each file a test of ctest's, run by unittest.
function(sl_add_python_tests name)
  cmake_parse_arguments(ARG "" "LABEL" "FILES" ${ARGN})
  foreach(file ${ARG_FILES})
    get_filename_component(stem ${file} NAME_WE)
    add_test(NAME ${name}.${stem} COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/${file}
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name}.${stem} PROPERTIES LABELS ${ARG_LABEL})
  endforeach()
endfunction()

# sl_add_fuzz_target(NAME SOURCES a.cpp… LINK sluice::layer…): the libFuzzer program NAME (preset
# sanitize), part of the target fuzz_targets. Its seeds are tests/data/fuzz/<NAME without _fuzz>/.
function(sl_add_fuzz_target name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  sl_settings(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzz_targets ${name})
endfunction()

# Target dnnl: oneDNN. Debian's own package file asks for OpenCL's development files, which a CPU
# build has no use for; so it is found by name.
function(sl_find_onednn)
  find_path(DNNL_INCLUDE_DIR oneapi/dnnl/dnnl.hpp REQUIRED)
  find_library(DNNL_LIBRARY dnnl REQUIRED)
  add_library(dnnl SHARED IMPORTED GLOBAL)
  set_target_properties(dnnl PROPERTIES IMPORTED_LOCATION ${DNNL_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${DNNL_INCLUDE_DIR})
endfunction()

# Target tomlplusplus: toml++ as headers alone. Debian's library of it throws exceptions.
function(sl_find_tomlplusplus)
  find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
  add_library(tomlplusplus INTERFACE IMPORTED GLOBAL)
  target_include_directories(tomlplusplus INTERFACE ${TOMLPLUSPLUS_INCLUDE_DIR})
endfunction()

# Target libtorch: LibTorch, its headers as a system's. Any PyTorch wheel has one too:
# -DCMAKE_PREFIX_PATH="$(python3 -c 'import torch; print(torch.utils.cmake_prefix_path)')".
function(sl_find_libtorch)
  find_package(Torch REQUIRED)
  add_library(libtorch INTERFACE IMPORTED GLOBAL)
  target_link_libraries(libtorch INTERFACE ${TORCH_LIBRARIES})
  target_include_directories(libtorch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
endfunction()
