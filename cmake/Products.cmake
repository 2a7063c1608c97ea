# What users get: libremit.so is the C ABI and nothing else, libremit.a (remit::remit) the C++ API, and the program
# `remit`. Both libraries are made of the rooms' objects.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(rooms GLOBAL PROPERTY REMIT_ROOMS)
set(objects "")
foreach(room IN LISTS rooms)
  list(APPEND objects "$<TARGET_OBJECTS:${room}>")
endforeach()
target_compile_definitions(remit_capi PRIVATE REMIT_VERSION="${PROJECT_VERSION}")
set(third_party simdjson::simdjson OpenSSL::Crypto PkgConfig::secp256k1 CURL::libcurl Threads::Threads)
if(REMIT_POSTGRES)
  list(APPEND third_party PostgreSQL::PostgreSQL)
  set(postgres_dependency "find_dependency(PostgreSQL 14)")
endif()
get_target_property(sqlite_type remit_sqlite3 TYPE)
if(sqlite_type STREQUAL "STATIC_LIBRARY")
  list(APPEND objects "$<TARGET_OBJECTS:remit_sqlite3>")
else()
  list(APPEND third_party SQLite::SQLite3)
  set(sqlite_dependency "find_dependency(SQLite3 3.51.3)")
endif()

add_library(remit_static STATIC ${objects})
add_library(remit::remit ALIAS remit_static)
target_link_libraries(remit_static PUBLIC ${third_party})
target_include_directories(remit_static INTERFACE "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
  "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_compile_features(remit_static INTERFACE cxx_std_20)
set_target_properties(remit_static PROPERTIES OUTPUT_NAME remit EXPORT_NAME remit LINKER_LANGUAGE CXX)

# The soname counts breaks of the ABI; the version counts releases.
add_library(remit_shared SHARED ${objects})
add_library(remit::c ALIAS remit_shared)
target_link_libraries(remit_shared PRIVATE ${third_party})
target_include_directories(remit_shared INTERFACE "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
  "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_link_options(remit_shared PRIVATE "-Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/remit.map"
  -Wl,-Bsymbolic -Wl,--exclude-libs,ALL -Wl,-z,defs)
if(REMIT_SANITIZE)  # the sanitizers' own symbols come from the program
  target_link_options(remit_shared PRIVATE -Wl,-z,undefs)
endif()
set_target_properties(remit_shared PROPERTIES OUTPUT_NAME remit EXPORT_NAME c LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION} SOVERSION 0 LINK_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/remit.map")

if(REMIT_CLI)
  file(GLOB cli_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/cli/*.cpp")
  remit_room_tree(cli cli tree)
  add_executable(remit_program ${cli_sources})
  target_include_directories(remit_program PRIVATE "${tree}")
  target_link_libraries(remit_program PRIVATE remit_flags remit_engine CLI11::CLI11)
  target_compile_definitions(remit_program PRIVATE REMIT_VERSION="${PROJECT_VERSION}")
  set_target_properties(remit_program PROPERTIES OUTPUT_NAME remit RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
  install(TARGETS remit_program RUNTIME)
endif()

# The examples in C and C++, as hosts would build them.
foreach(example quickstart payout)
  set(stem "${PROJECT_SOURCE_DIR}/examples/${example}/${example}")
  add_executable(${example}_c "${stem}.c")
  target_link_libraries(${example}_c PRIVATE remit_flags remit_shared)
  if(REMIT_SANITIZE)  # the C++ half of the sanitizer comes with the C++ linker only
    set_target_properties(${example}_c PROPERTIES LINKER_LANGUAGE CXX)
  endif()
  add_executable(${example}_cpp "${stem}.cpp")
  target_link_libraries(${example}_cpp PRIVATE remit_flags remit_static)
endforeach()

install(TARGETS remit_static remit_shared EXPORT remit ARCHIVE LIBRARY RUNTIME)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/remit" TYPE INCLUDE)
set(config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/remit")
install(EXPORT remit NAMESPACE remit:: FILE remitTargets.cmake DESTINATION "${config_dir}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/remitConfig.cmake.in" remitConfig.cmake @ONLY)
write_basic_package_version_file(remitConfigVersion.cmake COMPATIBILITY SameMinorVersion)
configure_file("${PROJECT_SOURCE_DIR}/cmake/remit.pc.in" remit.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/remitConfig.cmake" "${PROJECT_BINARY_DIR}/remitConfigVersion.cmake"
  DESTINATION "${config_dir}")
install(FILES "${PROJECT_BINARY_DIR}/remit.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
