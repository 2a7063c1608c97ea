#include <remit/engine.hpp>

#include <cstdio>

int main() {
    const auto options = remit::engine_options_from_json(R"({"chains":[{"id":0}]})");
    std::printf("%s\n", options.ok() ? "" : options.error().field.c_str());
    remit::EngineOptions memory;
    memory.database = "no/such/folder/remit.db";
    return remit::Engine::open(memory).ok() ? 1 : 0;
}
