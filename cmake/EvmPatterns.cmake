# The classifier's data file becomes a string in the library.
set(evm_dir "${PROJECT_SOURCE_DIR}/src/chain/evm")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${evm_dir}/errors.txt")
file(READ "${evm_dir}/errors.txt" REMIT_EVM_PATTERNS)
configure_file("${evm_dir}/patterns.cpp.in" "${PROJECT_BINARY_DIR}/generated/evm_patterns.cpp" @ONLY)
target_sources(remit_chain_evm PRIVATE "${PROJECT_BINARY_DIR}/generated/evm_patterns.cpp")
