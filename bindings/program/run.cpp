// Runs a random program (make.py) through the C ABI: run PROGRAM > transcript
#include "calls.hpp"

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>

int main(int argc, char **argv) {
    if (argc != 2) {
        std::fputs("usage: run PROGRAM\n", stderr);
        return 2;
    }
    std::ifstream program(argv[1]);
    Run run;
    for (std::string line; std::getline(program, line);) {
        if (line.empty() || line.starts_with('#')) continue;
        const Step step = parse_step(line);
        const auto *called = std::find_if(std::begin(kCalls), std::end(kCalls),
                                          [&](const Called &one) { return step.function == one.name; });
        if (called == std::end(kCalls)) {
            std::cerr << "unknown function " << step.function << "\n";
            return 1;
        }
        std::cout << called->call(run, step) << "\n" << std::flush;
        run.forget_inputs();
    }
    return 0;
}
