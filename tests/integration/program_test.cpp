// The program's words when something around it is wrong.
#include "paying.hpp"

#include <fstream>

using namespace remit;
using namespace remit::testing;

namespace {

// A configuration and a key store whose password is "right".
class Shop {
public:
    Shop(const std::string &rpc, std::uint64_t chain_id) {
        EngineOptions options;
        options.database = folder.file("remit.db");
        ChainOptions chain;
        chain.id = chain_id;
        chain.rpc = rpc;
        chain.poll_ms = 50;
        options.chains.push_back(chain);
        std::ofstream(folder.file("remit.json")) << to_json(options);
        REQUIRE(program("keys new", "right").join() == 0);
    }
    // Its standard and error output, together.
    Child program(const std::string &verb, const std::string &password) const {
        return Child({"/bin/sh", "-c",
                      "REMIT_PASSWORD=" + password + " exec " REMIT_PROGRAM " --config " + folder.file("remit.json") +
                          " " + verb + " 2>&1"});
    }
    Folder folder;
};

// A port on which nobody listens: it was free a moment ago.
int free_port() {
    Anvil node;
    return node.port();
}

}  // namespace

TEST_CASE("program: a wrong password is told and ends it", "[program_wrong_password]") {
    const Shop shop("http://127.0.0.1:1", 31337);
    Child run = shop.program("run", "wrong");
    CHECK(run.line_after("is not the key ") == "store's password");
    CHECK(run.join() == 9);
}

TEST_CASE("program: no node is told, and it waits for one", "[program_no_node]") {
    const Shop shop("http://127.0.0.1:" + std::to_string(free_port()), 31337);
    Child run = shop.program("run", "right");
    const std::string words = run.line_after("remit: chain 31337 at http://127.0.0.1:");
    INFO(words);
    CHECK(words.find("still trying") != std::string::npos);
    ::kill(run.pid(), SIGTERM);
    run.drain();
    CHECK(run.join() == 0);
}

TEST_CASE("program: a node of another chain is told and not used", "[program_wrong_chain]") {
    Anvil node({"--chain-id", "4242"});
    const Shop shop(node.url(), 31337);
    Child run = shop.program("run", "right");
    const std::string words = run.line_after("the node is of chain 4242");
    INFO(words);
    CHECK(words.find("31337") != std::string::npos);
    ::kill(run.pid(), SIGTERM);
    run.drain();
    CHECK(run.join() == 0);
}

TEST_CASE("demo: a port in use is told", "[demo_port_in_use]") {
    Anvil node;
    Child demo({"/bin/sh", "-c",
                "REMIT_PROGRAM=" REMIT_PROGRAM " REMIT_NODE_MODULES=" REMIT_DEPS
                "/node/node_modules exec node " REMIT_SOURCE "/examples/demo/demo.mjs --port " +
                    std::to_string(node.port()) + " 2>&1"});
    CHECK(demo.line_after("demo: port " + std::to_string(node.port())).substr(0, 10) == " is in use");
    CHECK(demo.join() == 1);
}
