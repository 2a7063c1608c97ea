#include "scene.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <unistd.h>

using namespace capi_test;

namespace {

struct Folder {
    std::filesystem::path path;

    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "remit-capi-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;

    std::string file(const char *name) const { return (path / name).string(); }
};

Said open(const std::string &config, remit_engine **out, const remit_engine_options *options = nullptr) {
    return said(remit_engine_open, config.data(), config.size(), options, out);
}

std::string config(const Folder &folder) {
    return R"({"database":")" + folder.file("remit.db") + R"("})";
}

}  // namespace

TEST_CASE("engine: a configuration that is wrong is refused with its field") {
    remit_engine *engine = nullptr;
    CHECK(open("", &engine).status == REMIT_E_INVALID);
    CHECK(open("garbage", &engine).status == REMIT_E_INVALID);
    CHECK(open("\xff\xfe\x00", &engine).status == REMIT_E_INVALID);
    const Said unknown = open(R"({"databaze":"x"})", &engine);
    CHECK(unknown.status == REMIT_E_INVALID);
    CHECK(has(unknown.field, "databaze"));
    const Said chain = open(R"({"chains":[{"id":1,"rpc":"ftp://x"}]})", &engine);
    CHECK(chain.status == REMIT_E_INVALID);
    CHECK(chain.field == "chains[0].rpc");
    CHECK(engine == nullptr);
    CHECK(said(remit_engine_open, "{}", std::size_t{1} << 40U, nullptr, &engine).status == REMIT_E_MISUSE);
}

TEST_CASE("engine: a folder that is not there is refused") {
    remit_engine *engine = nullptr;
    const Said out = open(R"({"database":"/nonexistent/folder/remit.db"})", &engine);
    CHECK(out.status == REMIT_E_STORE);
    CHECK(engine == nullptr);
    CHECK(said(remit_engine_open_file, "/nonexistent/remit.json", REMIT_ZSTR, nullptr, &engine).status ==
          REMIT_E_NOT_FOUND);
}

TEST_CASE("engine: opens from a file, with the environment on request") {
    const Folder folder;
    std::ofstream(folder.file("remit.json")) << config(folder);
    const std::string other = folder.file("other.db");
    ::setenv("REMIT_DATABASE", other.c_str(), 1);
    const std::string path = folder.file("remit.json");
    remit_engine_options options = REMIT_ENGINE_OPTIONS_INIT;
    remit_engine *engine = nullptr;
    REQUIRE(said(remit_engine_open_file, path.data(), path.size(), &options, &engine).text.empty());
    remit_engine_free(engine);
    CHECK_FALSE(std::filesystem::exists(other));
    options.environment = 1;
    REQUIRE(said(remit_engine_open_file, path.data(), path.size(), &options, &engine).text.empty());
    remit_engine_free(engine);
    CHECK(std::filesystem::exists(other));
    ::unsetenv("REMIT_DATABASE");
}

TEST_CASE("engine: ticks, starts, stops, and runs calls that do not wait on its own threads") {
    const Folder folder;
    remit_engine *engine = nullptr;
    remit_queue *queue = nullptr;
    REQUIRE(open(config(folder), &engine).text.empty());
    REQUIRE(said(remit_queue_open, &queue).status == REMIT_OK);
    std::int32_t progressed = -1;
    std::int64_t due = -1;
    CHECK(said(remit_engine_tick, engine, std::int64_t{0}, &progressed, &due).text.empty());
    CHECK((progressed == 0 || progressed == 1));
    CHECK(due > 0);
    CHECK(said(remit_engine_tick, engine, std::int64_t{-1}, nullptr, nullptr).field == "budget_us");

    REQUIRE(said(remit_engine_start, engine).text.empty());
    CHECK(said(remit_engine_start, engine).status == REMIT_E_STATE);
    const remit_async async{queue, 5};
    REQUIRE(said(remit_engine_health, engine, &async, nullptr, nullptr).text.empty());
    remit_batch *batch = nullptr;
    REQUIRE(said(remit_queue_fetch, queue, std::size_t{1}, std::int64_t{20'000}, &batch).status == REMIT_OK);
    REQUIRE(remit_batch_count(batch) == 1);
    CHECK(remit_batch_at(batch, 0)->tag == 5);
    CHECK(remit_batch_at(batch, 0)->kind == REMIT_ITEM_RESULT);
    CHECK(remit_batch_at(batch, 0)->status == REMIT_OK);
    CHECK(has(remit_batch_at(batch, 0)->payload, "\"chains\":[]"));
    remit_batch_free(batch);

    CHECK(said(remit_engine_stop, engine, std::int64_t{-1}, nullptr).field == "drain_ms");
    CHECK(said(remit_engine_stop, engine, std::int64_t{1'000}, nullptr).text.empty());
    remit_engine_free(engine);
    remit_queue_free(queue);
}

TEST_CASE("engine: stops without the caller waiting") {
    const Folder folder;
    remit_engine *engine = nullptr;
    remit_queue *queue = nullptr;
    REQUIRE(open(config(folder), &engine).text.empty());
    REQUIRE(said(remit_queue_open, &queue).status == REMIT_OK);
    REQUIRE(said(remit_engine_start, engine).text.empty());
    const remit_async async{queue, 6};
    REQUIRE(said(remit_engine_stop, engine, std::int64_t{1'000}, &async).text.empty());
    remit_batch *batch = nullptr;
    REQUIRE(said(remit_queue_fetch, queue, std::size_t{1}, std::int64_t{20'000}, &batch).status == REMIT_OK);
    REQUIRE(remit_batch_count(batch) == 1);
    CHECK(remit_batch_at(batch, 0)->status == REMIT_OK);
    remit_batch_free(batch);
    remit_engine_free(engine);
    remit_queue_free(queue);
}

TEST_CASE("engine: health, metrics and backup") {
    Scene scene;
    scene.pay("one");
    scene.advance(1'000);
    std::int32_t ok = -1;
    remit_blob *blob = nullptr;
    REQUIRE(said(remit_engine_health, scene.engine, nullptr, &ok, &blob).text.empty());
    CHECK((ok == 0 || ok == 1));
    const std::string health = take(blob);
    CHECK(has(health, "\"ok\":"));
    CHECK(has(health, "\"chain_id\":31337"));
    REQUIRE(said(remit_engine_health, scene.engine, nullptr, nullptr, nullptr).text.empty());
    REQUIRE(said(remit_engine_metrics, scene.engine, &blob).text.empty());
    CHECK(has(take(blob), "# TYPE remit_"));
    CHECK(said(remit_engine_metrics, scene.engine, nullptr).field == "out_text");
}

TEST_CASE("engine: a backup is a database that opens") {
    const Folder folder;
    remit_engine *engine = nullptr;
    REQUIRE(open(config(folder), &engine).text.empty());
    const std::string copy = folder.file("copy.db");
    REQUIRE(said(remit_engine_backup, engine, copy.data(), copy.size(), nullptr).text.empty());
    CHECK(said(remit_engine_backup, engine, nullptr, std::size_t{0}, nullptr).field == "path");
    const Said nowhere = said(remit_engine_backup, engine, "/nonexistent/folder/copy.db", REMIT_ZSTR, nullptr);
    CHECK((nowhere.status == REMIT_E_STORE || nowhere.status == REMIT_E_INVALID));
    remit_engine_free(engine);
    REQUIRE(open(R"({"database":")" + copy + R"("})", &engine).text.empty());
    remit_engine_free(engine);
}

TEST_CASE("engine: handles are freed in every order") {
    for (int order = 0; order < 6; ++order) {
        remit_world *world = nullptr;
        remit_engine *engine = nullptr;
        remit_queue *queue = nullptr;
        REQUIRE(said(remit_world_open, nullptr, &world).status == REMIT_OK);
        REQUIRE(said(remit_queue_open, &queue).status == REMIT_OK);
        const remit_async async{queue, 1};
        remit_engine_options options = REMIT_ENGINE_OPTIONS_INIT;
        options.log = &async;
        REQUIRE(said(remit_world_engine, world, nullptr, std::size_t{0}, &options, &engine).text.empty());
        // Calls under way when the handles go.
        REQUIRE(said(remit_engine_health, engine, &async, nullptr, nullptr).status == REMIT_OK);
        const remit_payout_request request = payout("under way");
        REQUIRE(said(remit_payout_enqueue, engine, &request, std::size_t{1}, &async, nullptr).status == REMIT_OK);
        const int rest[] = {order / 2, (order / 2 + 1 + order % 2) % 3, (order / 2 + 2 - order % 2) % 3};
        for (const int which : rest) {
            if (which == 0) remit_engine_free(engine);
            if (which == 1) remit_world_free(world);
            if (which == 2) remit_queue_free(queue);
        }
    }
}

TEST_CASE("engine: a call under way when the engine goes is told so") {
    Scene scene(nullptr, -1);
    const remit_async async{scene.queue, 11};
    const std::string id = scene.pay("waited for");
    REQUIRE(said(remit_payout_wait, scene.engine, id.c_str(), REMIT_ZSTR, REMIT_PAYOUT_COMPLETED,
                 std::int64_t{3'600'000}, &async, nullptr, nullptr)
                .text.empty());
    REQUIRE(said(remit_engine_health, scene.engine, &async, nullptr, nullptr).text.empty());
    remit_engine_free(scene.engine);
    scene.engine = nullptr;
    for (int i = 0; i < 2; ++i) {
        const auto item = scene.next();
        CHECK(item.tag == 11);
        CHECK(item.status == REMIT_E_CLOSED);
        CHECK_FALSE(item.text.empty());
    }
}

TEST_CASE("engine: one at a time in a world, and another after it") {
    Scene scene;
    remit_engine *second = nullptr;
    CHECK(said(remit_world_engine, scene.world, nullptr, std::size_t{0}, nullptr, &second).status == REMIT_E_STATE);
    const std::string id = scene.pay("kept");
    remit_engine_free(scene.engine);
    scene.engine = nullptr;
    remit_blob *blob = nullptr;
    REQUIRE(said(remit_world_config, scene.world, &blob).text.empty());
    const std::string config = take(blob);
    REQUIRE(said(remit_world_engine, scene.world, config.data(), config.size(), nullptr, &scene.engine).text.empty());
    CHECK(said(remit_payout_get, scene.engine, id.c_str(), REMIT_ZSTR, nullptr, nullptr, nullptr).status == REMIT_OK);
}
