// This program again as a process of its own that pays, to be killed, held still and doubled.
#pragma once

#include "paying.hpp"

#include <fstream>

namespace remit::testing {

inline int number_from_environment(const char *name, int otherwise) {
    const char *text = std::getenv(name);
    return text == nullptr || *text == '\0' ? otherwise : std::atoi(text);
}

// In the part of the test case "payer": an engine that accepts `count` payouts and pays.
inline Child spawn_payer(const Paying &paying, int count) {
    const std::string config = paying.folder.file("config.json");
    std::ofstream file(config);
    file << to_json(paying.options);
    file.close();
    REQUIRE(file.good());
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
    return Child({"/usr/bin/env", "REMIT_PAYER_CONFIG=" + config, "REMIT_PAYER_COUNT=" + std::to_string(count), self,
                  "payer: accepts and pays until it is killed"},
                 false);
}

}  // namespace remit::testing
