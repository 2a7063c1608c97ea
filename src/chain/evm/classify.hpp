// Sorts what nodes say of a raw transaction.
#pragma once

#include "chain/evm/evm.hpp"

#include <optional>
#include <string_view>

namespace remit::evm {

// The text of errors.txt, built in.
std::string_view builtin_patterns() noexcept;
// Invalid naming the line.
Result<std::vector<ErrorPattern>> parse_patterns(std::string_view file);

class Classifier {
public:
    // `first` is looked at before `then`.
    Classifier(std::vector<ErrorPattern> first, std::vector<ErrorPattern> then);
    // Empty when no pattern matches: the outcome is unknown, and the wording is news.
    std::optional<SendAnswer> sort(std::string_view text) const;

private:
    std::vector<ErrorPattern> patterns_;
};

}  // namespace remit::evm
