find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(CURL REQUIRED)
find_package(simdjson REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(secp256k1 REQUIRED IMPORTED_TARGET libsecp256k1)

# SQLite >= 3.51.3: earlier versions can corrupt a WAL database (sqlite.org/wal.html, "the WAL reset bug").
# A system library is taken when it is new enough, else the amalgamation that ./dev setup fetched.
find_package(SQLite3 QUIET)
if(SQLite3_FOUND AND SQLite3_VERSION VERSION_GREATER_EQUAL 3.51.3)
  add_library(remit_sqlite3 INTERFACE)
  target_link_libraries(remit_sqlite3 INTERFACE SQLite::SQLite3)
elseif(EXISTS "${REMIT_DEPS}/sqlite/sqlite3.c")
  add_library(remit_sqlite3 STATIC "${REMIT_DEPS}/sqlite/sqlite3.c")
  target_include_directories(remit_sqlite3 SYSTEM PUBLIC "${REMIT_DEPS}/sqlite")
  target_compile_options(remit_sqlite3 PRIVATE -w -O2 -fvisibility=hidden)
  target_compile_definitions(remit_sqlite3 PRIVATE SQLITE_THREADSAFE=2 SQLITE_DQS=0 SQLITE_DEFAULT_MEMSTATUS=0
    SQLITE_OMIT_DEPRECATED SQLITE_OMIT_LOAD_EXTENSION SQLITE_OMIT_SHARED_CACHE SQLITE_LIKE_DOESNT_MATCH_BLOBS
    SQLITE_USE_ALLOCA SQLITE_DEFAULT_FOREIGN_KEYS=1)
  target_link_libraries(remit_sqlite3 PUBLIC Threads::Threads)
else()
  message(FATAL_ERROR "SQLite 3.51.3 or newer is needed; run ./dev setup, which fetches it, or install a newer libsqlite3-dev")
endif()
