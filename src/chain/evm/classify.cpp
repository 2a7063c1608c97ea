#include "chain/evm/classify.hpp"

#include <algorithm>
#include <iterator>

namespace remit::evm {
namespace {

std::string lowercase(std::string_view text) {
    std::string out(text);
    for (char &c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Cuts the text before the next `mark` off `rest`.
std::string_view cut(std::string_view &rest, char mark) {
    const auto at = rest.find(mark);
    const std::string_view head = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
    return head;
}

std::optional<SendAnswer> class_named(std::string_view name) {
    for (int i = 0; i <= static_cast<int>(SendAnswer::unknown); ++i) {
        const auto answer = static_cast<SendAnswer>(i);
        if (answer == SendAnswer::accepted || answer == SendAnswer::other_hash) continue;
        if (name == send_answer_name(answer)) return answer;
    }
    return std::nullopt;
}

}  // namespace

Result<std::vector<ErrorPattern>> parse_patterns(std::string_view file) {
    std::vector<ErrorPattern> patterns;
    for (int number = 1; !file.empty(); ++number) {
        std::string_view line = trim(cut(file, '\n'));
        if (line.empty() || line.front() == '#') continue;
        const std::string where = "line " + std::to_string(number);
        const auto answer = class_named(trim(cut(line, '|')));
        if (!answer) return invalid(where, "begins with no class that a text can have");
        ErrorPattern pattern{*answer, std::string(trim(cut(line, '|'))), {}};
        if (pattern.fragment.empty()) return invalid(where, "has no fragment");
        while (!line.empty()) pattern.unless.emplace_back(trim(cut(line, '|')));
        patterns.push_back(std::move(pattern));
    }
    return patterns;
}

Classifier::Classifier(std::vector<ErrorPattern> first, std::vector<ErrorPattern> then) : patterns_(std::move(first)) {
    patterns_.insert(patterns_.end(), std::make_move_iterator(then.begin()), std::make_move_iterator(then.end()));
    std::erase_if(patterns_, [](const ErrorPattern &pattern) { return pattern.fragment.empty(); });
    for (ErrorPattern &pattern : patterns_) {
        pattern.fragment = lowercase(pattern.fragment);
        std::erase(pattern.unless, std::string());
        for (std::string &exclusion : pattern.unless) exclusion = lowercase(exclusion);
    }
}

std::optional<SendAnswer> Classifier::sort(std::string_view text) const {
    const std::string plain = lowercase(text);
    const auto has = [&](const std::string &part) { return plain.find(part) != std::string::npos; };
    for (const ErrorPattern &pattern : patterns_)
        if (has(pattern.fragment) && std::none_of(pattern.unless.begin(), pattern.unless.end(), has))
            return pattern.answer;
    return std::nullopt;
}

}  // namespace remit::evm
