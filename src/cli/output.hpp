// The only place that prints. Results go to stdout, as text or as one JSON document; errors in text go to
// stderr, in JSON to stdout, so that a reader of stdout always finds one document.
#pragma once

#include <remit/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace remit::cli {

class Output {
public:
    bool json = false;
    bool color = false;

    void line(std::string_view text) const;  // stdout
    void note(std::string_view text) const;  // stderr: what a person reads beside the result
    void error(const Error &error) const;
    // Columns are aligned; `right` names those whose cells end at the same place ("  x" as a mask of 'r').
    void table(std::string_view align, const std::vector<std::vector<std::string>> &rows) const;
    // A line that replaces itself on a terminal; an empty one takes it away.
    void progress(std::string_view text) const;
    bool flush() const;  // false when stdout is gone
};

// Control characters as '?': nothing out of the database moves a terminal's cursor.
std::string printable(std::string_view text);
// "1,234,567"
std::string grouped(std::int64_t number);
// "1h02m", "3m04s", "12.3s", "870ms"
std::string duration_text(std::int64_t us);

}  // namespace remit::cli
