# SPDX-License-Identifier: Apache-2.0
# The few functions the build is written in.

# Designated initialisers leave fields to their defaults on purpose.
set(SLUICE_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
    -Wno-missing-field-initializers)

# Settings of every target of our own. No contraction of a*b+c into one rounding: float32 steps are
# rounded one by one, on every machine alike.
function(sl_settings target)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
  target_compile_options(${target} PRIVATE ${SLUICE_WARNINGS} -ffp-contract=off)
endfunction()

# sl_add_layer(NAME SOURCES a.cpp… [DEPS layer…] [LINK library…]): the static library sluice_NAME,
# alias sluice::NAME. LINK libraries are the layer's own business, seen only by the linker.
function(sl_add_layer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LINK" ${ARGN})
  add_library(sluice_${name} STATIC ${ARG_SOURCES})
  add_library(sluice::${name} ALIAS sluice_${name})
  sl_settings(sluice_${name})
  foreach(dep ${ARG_DEPS})
    target_link_libraries(sluice_${name} PUBLIC sluice::${dep})
  endforeach()
  target_link_libraries(sluice_${name} PUBLIC fmt::fmt PRIVATE ${ARG_LINK})
endfunction()

# sl_add_tests(NAME LABEL label SOURCES a_test.cpp… LINK sluice::layer…): the program test_NAME, its
# cases known to ctest one by one under the label.
function(sl_add_tests name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;LINK" ${ARGN})
  add_executable(test_${name} ${ARG_SOURCES})
  sl_settings(test_${name})
  target_link_libraries(test_${name} PRIVATE ${ARG_LINK} GTest::gtest_main)
  gtest_discover_tests(test_${name} DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${ARG_LABEL}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
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
