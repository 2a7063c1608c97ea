# What cmake/static.sh built, under the names that the system's libraries have elsewhere. Of the artefacts' way to link,
# docs/packaging.md tells why.
set(static "${REMIT_DEPS}/static")
if(NOT EXISTS "${static}/lib/libcurl.a")
  message(FATAL_ERROR "REMIT_STATIC needs the libraries that ./dev package builds")
endif()
set(OPENSSL_USE_STATIC_LIBS ON)
find_package(OpenSSL 3 REQUIRED)

function(remit_static_library target library)
  add_library(${target} STATIC IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${static}/lib/${library}"
    INTERFACE_INCLUDE_DIRECTORIES "${static}/include" INTERFACE_LINK_LIBRARIES "${ARGN}")
endfunction()
remit_static_library(CURL::libcurl libcurl.a OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
remit_static_library(simdjson::simdjson libsimdjson.a)
remit_static_library(PkgConfig::secp256k1 libsecp256k1.a)
remit_static_library(remit_pgport libpgport_shlib.a)
remit_static_library(remit_pgcommon libpgcommon_shlib.a remit_pgport)
remit_static_library(PostgreSQL::PostgreSQL libpq.a remit_pgcommon remit_pgport OpenSSL::SSL OpenSSL::Crypto)

# An object of its own among the rooms', so that all that is made of them has it.
add_library(remit_static_openssl OBJECT "${PROJECT_SOURCE_DIR}/cmake/static_openssl.c")
target_link_libraries(remit_static_openssl PRIVATE remit_flags OpenSSL::Crypto)
set_property(GLOBAL APPEND PROPERTY REMIT_ROOMS remit_static_openssl)

# libstdc++ goes inside, hidden. libgcc_s does not: a static one needs glibc 2.35, and there must be one unwinder in a
# process. A library that has threads and thread-locals stays where it is once it is loaded.
add_compile_options(-ffunction-sections -fdata-sections -fstack-protector-strong -D_FORTIFY_SOURCE=2
  "-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.")
add_link_options("$<$<LINK_LANGUAGE:CXX>:-static-libstdc++;-shared-libgcc>" -s -Wl,--gc-sections,-z,relro,-z,now,-z,nodelete)
