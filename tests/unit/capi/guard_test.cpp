// What is thrown below never leaves, and fences the instance when it is our own defect.
#include "capi/guard.hpp"
#include "scene.hpp"

#include <stdexcept>

using namespace capi_test;
using remit::Result;
using remit::capi::guard;

TEST_CASE("guard: memory running out is told and breaks nothing") {
    Scene scene;
    const Said out = said([&](remit_error **error) {
        return guard(scene.engine->instance.get(), error, []() -> Result<void> { throw std::bad_alloc(); });
    });
    CHECK(out.status == REMIT_E_NO_MEMORY);
    CHECK(out.text == remit_status_text(REMIT_E_NO_MEMORY));
    scene.pay("still alive");
}

TEST_CASE("guard: anything else that is thrown fences the instance for every later call") {
    Scene scene;
    const std::string id = scene.pay("before");
    const Said out = said([&](remit_error **error) {
        return guard(scene.engine->instance.get(), error, []() -> Result<void> { throw std::logic_error("a defect"); });
    });
    CHECK(out.status == REMIT_E_BROKEN);
    const remit_async async{scene.queue, 1};
    CHECK(said(remit_payout_get, scene.engine, id.c_str(), REMIT_ZSTR, nullptr, nullptr, nullptr).status ==
          REMIT_E_BROKEN);
    CHECK(said(remit_payout_get, scene.engine, id.c_str(), REMIT_ZSTR, &async, nullptr, nullptr).status ==
          REMIT_E_BROKEN);
    CHECK(said(remit_engine_tick, scene.engine, std::int64_t{0}, nullptr, nullptr).status == REMIT_E_BROKEN);
    const remit_payout_request request = payout("after");
    remit_payout_accepted accepted;
    CHECK(said(remit_payout_enqueue, scene.engine, &request, std::size_t{1}, nullptr, &accepted).status ==
          REMIT_E_BROKEN);
    // Opened anew, what was there is there.
    remit_engine_free(scene.engine);
    REQUIRE(said(remit_world_engine, scene.world, nullptr, std::size_t{0}, nullptr, &scene.engine).text.empty());
    CHECK(said(remit_payout_get, scene.engine, id.c_str(), REMIT_ZSTR, nullptr, nullptr, nullptr).status == REMIT_OK);
}

TEST_CASE("guard: a job that throws becomes the outcome of its call") {
    Scene scene;
    const auto job = [&](auto fn) { return remit::capi::guard_job(*scene.engine->instance, fn).status(); };
    using Given = Result<remit::capi::Answer>;
    CHECK(job([]() -> Given { throw std::bad_alloc(); }) == remit::Status::no_memory);
    CHECK(job([]() -> Given { return remit::capi::Answer{}; }) == remit::Status::ok);
    CHECK(job([]() -> Given { throw 1; }) == remit::Status::broken);
    CHECK(job([]() -> Given { return remit::capi::Answer{}; }) == remit::Status::broken);
}
