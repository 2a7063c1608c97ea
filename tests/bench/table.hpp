// The report of a benchmark: a table on standard output, the same as build/bench/<name>.json, and whether
// every target was met.
#pragma once

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace remit::bench {

inline double median(std::vector<double> values) {
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

class Table {
public:
    // `target` is the least ratio; 0: none, for figures that only inform.
    void add(std::string what, std::string against, double value, std::string unit, double ratio, double target) {
        rows_.push_back({std::move(what), std::move(against), value, std::move(unit), ratio, target,
                         target <= 0 || ratio >= target});
    }
    // Prints, writes, and gives the program's exit code.
    int finish(const std::string &name) const {
        std::printf("%-44s %-40s %12s %-6s %7s %7s %s\n", "what", "against", "value", "unit", "ratio", "target", "ok");
        bool ok = true;
        std::string json = "[";
        for (const Row &r : rows_) {
            std::printf("%-44s %-40s %12.1f %-6s %7s %7s %s\n", r.what.c_str(), r.against.c_str(), r.value,
                        r.unit.c_str(), number(r.ratio).c_str(), number(r.target).c_str(), r.ok ? "yes" : "NO");
            ok = ok && r.ok;
            char value[64];
            std::snprintf(value, sizeof value, "%.3f", r.value);
            json += std::string(json.size() > 1 ? ",\n " : "\n ") + "{\"what\": \"" + r.what + "\", \"against\": \"" +
                    r.against + "\", \"value\": " + value + ", \"unit\": \"" + r.unit +
                    "\", \"ratio\": " + (r.ratio > 0 ? number(r.ratio) : "null") +
                    ", \"target\": " + (r.target > 0 ? number(r.target) : "null") +
                    ", \"ok\": " + (r.ok ? "true" : "false") + "}";
        }
        std::filesystem::create_directories("build/bench");
        std::ofstream("build/bench/" + name + ".json") << json << "\n]\n";
        return ok ? 0 : 1;
    }

private:
    struct Row {
        std::string what;
        std::string against;
        double value;
        std::string unit;
        double ratio;
        double target;
        bool ok;
    };
    static std::string number(double v) {
        if (v <= 0) return "-";
        char text[32];
        std::snprintf(text, sizeof text, "%.3f", v);
        return text;
    }
    std::vector<Row> rows_;
};

}  // namespace remit::bench
