#include "scene.hpp"

#include <remit/status.hpp>

#include <sys/wait.h>
#include <unistd.h>

using namespace capi_test;

TEST_CASE("base: every status of the table has its name, text and class") {
    struct Row {
        remit_status number;
        const char *name, *text;
        remit_class in;
    };
    const Row rows[] = {
#define REMIT_X(c_name, name, number, cls, text) {REMIT_##c_name, #c_name, text, REMIT_CLASS_##cls},
        REMIT_STATUS_TABLE(REMIT_X)
#undef REMIT_X
    };
    for (const Row &row : rows) {
        CHECK(std::string(remit_status_name(row.number)) == row.name);
        CHECK(std::string(remit_status_text(row.number)) == row.text);
        CHECK(remit_status_class(row.number) == row.in);
    }
    CHECK(std::string(remit_status_name(-9999)) == "E_?");
    CHECK(std::string(remit_status_text(-9999)).empty());
    CHECK(remit_status_class(-9999) == REMIT_CLASS_FIX);
}

TEST_CASE("base: the library says which ABI and version it is") {
    CHECK(remit_abi_version() == REMIT_ABI_VERSION);
    CHECK(has(remit_version_text(), "."));
}

TEST_CASE("base: NULL is taken by every free and every accessor") {
    remit_blob_free(nullptr);
    remit_error_free(nullptr);
    remit_queue_free(nullptr);
    remit_batch_free(nullptr);
    remit_engine_free(nullptr);
    remit_world_free(nullptr);
    CHECK(std::string(remit_blob_data(nullptr)).empty());
    CHECK(remit_blob_len(nullptr) == 0);
    CHECK(remit_error_status(nullptr) == REMIT_OK);
    CHECK(std::string(remit_error_field(nullptr)).empty());
    CHECK(std::string(remit_error_text(nullptr)).empty());
    CHECK(remit_batch_count(nullptr) == 0);
    CHECK(remit_batch_at(nullptr, 0) == nullptr);
}

TEST_CASE("base: NULL handles and outputs are misuse that names the argument") {
    const auto misused = [](const Said &what, const char *field) {
        CHECK(what.status == REMIT_E_MISUSE);
        CHECK(what.field == field);
    };
    remit_engine *const none = nullptr;
    remit_blob *blob = nullptr;
    std::int32_t number = 0;
    misused(said(remit_engine_open, "{}", std::size_t{2}, nullptr, nullptr), "out_engine");
    misused(said(remit_engine_open, nullptr, std::size_t{0}, nullptr, const_cast<remit_engine **>(&none)), "config");
    misused(said(remit_engine_open_file, nullptr, REMIT_ZSTR, nullptr, const_cast<remit_engine **>(&none)), "path");
    misused(said(remit_engine_tick, none, std::int64_t{0}, nullptr, nullptr), "engine");
    misused(said(remit_engine_start, none), "engine");
    misused(said(remit_engine_stop, none, std::int64_t{0}, nullptr), "engine");
    misused(said(remit_engine_health, none, nullptr, &number, &blob), "engine");
    misused(said(remit_engine_metrics, none, &blob), "engine");
    misused(said(remit_engine_backup, none, "x", REMIT_ZSTR, nullptr), "engine");
    misused(said(remit_keys_unlock, none, "x", REMIT_ZSTR, std::int64_t{0}, nullptr), "engine");
    misused(said(remit_keys_lock, none), "engine");
    misused(said(remit_keys_unlocked, none, &number), "engine");
    misused(said(remit_keys_create, none, "x", REMIT_ZSTR, nullptr, &blob), "engine");
    misused(said(remit_payout_get, none, "x", REMIT_ZSTR, nullptr, &number, &blob), "engine");
    misused(said(remit_events_ack, none, "x", REMIT_ZSTR, std::int64_t{0}, nullptr), "engine");
    misused(said(remit_query, none, "health", REMIT_ZSTR, nullptr, std::size_t{0}, nullptr, &blob), "engine");
    misused(said(remit_catalogue, none, &blob), "engine");
    misused(said(remit_queue_open, nullptr), "out_queue");
    misused(said(remit_queue_fd, nullptr, &number), "queue");
    misused(said(remit_queue_wake, nullptr, std::uint64_t{1}), "queue");
    misused(said(remit_work_answer, nullptr, std::uint64_t{1}, REMIT_WORK_DONE, nullptr, std::size_t{0}), "queue");
    misused(said(remit_world_open, nullptr, nullptr), "out_world");
    misused(said(remit_world_advance, nullptr, std::int64_t{1}), "world");
    // The error itself is not wanted.
    CHECK(remit_engine_start(nullptr, nullptr) == REMIT_E_MISUSE);
}

TEST_CASE("base: a child of fork is told so and frees nothing") {
    Scene scene;
    const std::string id = scene.pay("forked");
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        remit_blob *blob = nullptr;
        remit_batch *batch = nullptr;
        std::int32_t fd = 0;
        int wrong = 0;
        const remit_payout_request request = payout("in the child");
        remit_payout_accepted accepted;
        const remit_async async{scene.queue, 1};
        wrong += remit_payout_enqueue(scene.engine, &request, 1, nullptr, &accepted, nullptr) != REMIT_E_FORKED;
        wrong +=
            remit_payout_get(scene.engine, id.c_str(), REMIT_ZSTR, &async, nullptr, nullptr, nullptr) != REMIT_E_FORKED;
        wrong += remit_engine_tick(scene.engine, 0, nullptr, nullptr, nullptr) != REMIT_E_FORKED;
        wrong += remit_engine_metrics(scene.engine, &blob, nullptr) != REMIT_E_FORKED;
        wrong += remit_queue_fd(scene.queue, &fd, nullptr) != REMIT_E_FORKED;
        wrong += remit_queue_fetch(scene.queue, 1, 0, &batch, nullptr) != REMIT_E_FORKED;
        wrong += remit_queue_wake(scene.queue, 1, nullptr) != REMIT_E_FORKED;
        wrong += remit_work_answer(scene.queue, 1, REMIT_WORK_DONE, "", 0, nullptr) != REMIT_E_FORKED;
        wrong += remit_world_mine(scene.world, 1, nullptr) != REMIT_E_FORKED;
        remit_engine_free(scene.engine);
        remit_world_free(scene.world);
        remit_queue_free(scene.queue);
        ::_exit(wrong);
    }
    int code = -1;
    REQUIRE(::waitpid(child, &code, 0) == child);
    REQUIRE(WIFEXITED(code));
    CHECK(WEXITSTATUS(code) == 0);
    remit_payout_status status = 0;
    CHECK(remit_payout_get(scene.engine, id.c_str(), REMIT_ZSTR, nullptr, &status, nullptr, nullptr) == REMIT_OK);
}
